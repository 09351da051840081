import { AppConfirmModal } from '#components'

/** Asks before something that cannot be undone; resolves to whether it was confirmed. */
export function useConfirm() {
  const modal = useOverlay().create(AppConfirmModal, { destroyOnClose: true })

  return async (question: { title: string, description: string, action: string, phrase?: string }): Promise<boolean> =>
    await modal.open(question).result === true
}

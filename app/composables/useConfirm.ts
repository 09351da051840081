import { LazyAppConfirmModal } from '#components'

/** Asks before something that cannot be undone; resolves to whether it was confirmed. */
export function useConfirm() {
  const overlay = useOverlay()

  return async (question: { title: string, description: string, action: string, phrase?: string }): Promise<boolean> =>
    await overlay.create(LazyAppConfirmModal, { destroyOnClose: true }).open(question).result === true
}

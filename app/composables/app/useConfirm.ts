import { LazyAppConfirmModal } from '#components'

/** Asks before something that cannot be undone; resolves to whether it was confirmed. */
export function useConfirm() {
  const overlay = useOverlay()
  const { keep, giveBack } = useFocusReturn()

  return async (question: { title: string; description: string; action: string; phrase?: string }): Promise<boolean> => {
    keep()
    return (await overlay.create(LazyAppConfirmModal, { destroyOnClose: true }).open({ ...question, giveBack }).result) === true
  }
}

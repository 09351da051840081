import { LazyAppConfirmModal } from '#components'

/** Opens a confirmation dialog; resolves to whether the person confirmed. */
export function useConfirm() {
  const overlay = useOverlay()
  const { rememberFocus, restoreFocus } = useFocusReturn()

  return async (question: { title: string; description: string; action: string; phrase?: string }): Promise<boolean> => {
    rememberFocus()
    return (await overlay.create(LazyAppConfirmModal, { destroyOnClose: true }).open({ ...question, restoreFocus }).result) === true
  }
}

import type { Ref } from 'vue'

/**
 * Ends a form with a draft: `forget` closes it after it was saved or deleted; `discard` first asks `question` if somebody typed.
 */
export function useFormClose(
  open: Ref<boolean>,
  draft: { isEdited: Readonly<Ref<boolean>>; discard: () => void },
  question: () => string
): { forget: () => void; discard: () => Promise<void> } {
  const confirmDiscard = useDiscardQuestion()

  function forget(): void {
    open.value = false
    draft.discard()
  }

  async function discard(): Promise<void> {
    if (draft.isEdited.value && !(await confirmDiscard(question()))) return
    forget()
  }

  return { forget, discard }
}

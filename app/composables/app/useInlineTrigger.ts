import type { TextQuery, TextTrigger } from '~/utils/app/text-query'

/**
 * The "/query" or "@query" being typed in a text field. It starts when the trigger is typed, follows the cursor, and ends when the
 * cursor leaves it. It does not change during IME composition.
 */
export function useInlineTrigger(field: () => HTMLTextAreaElement | null | undefined, text: Ref<string>) {
  const query = shallowRef<TextQuery | null>(null)
  let isComposing = false

  function close(): void {
    query.value = null
  }

  /** Starts the query at the cursor, which the app has inserted. */
  function open(trigger: TextTrigger): void {
    query.value = atCursor(trigger)
  }

  function follow(): void {
    if (!query.value || isComposing) return
    const found = atCursor(query.value.trigger)
    query.value = found?.start === query.value.start ? found : null
  }

  function atCursor(trigger: TextTrigger): TextQuery | null {
    const element = field()
    return element && element.selectionStart === element.selectionEnd ? textQueryAt(element.value, element.selectionStart, trigger) : null
  }

  useEventListener(field, 'input', event => {
    const trigger = event instanceof InputEvent ? typedTrigger(event) : null
    const started = trigger && atCursor(trigger)
    if (started) query.value = started
    else follow()
  })
  useEventListener(field, 'compositionstart', () => {
    isComposing = true
  })
  useEventListener(field, 'compositionend', () => {
    isComposing = false
    follow()
  })
  useEventListener(document, 'selectionchange', follow)
  watch(text, follow, { flush: 'post' }) // sending clears the field without an input event
  useEventListener(field, 'blur', () => {
    // If the window lost the focus, the field is still the active element.
    if (document.activeElement !== field()) close()
  })

  return { query, open, close }
}

import type { TextQuery, TextTrigger } from '~/utils/app/text-query'

/**
 * The "/query" or "@query" being typed in a text field: it begins with the typing of the sign and follows the cursor
 * until that leaves it. While characters are being composed (IME) it stands still.
 */
export function useInlineTrigger(field: () => HTMLTextAreaElement | null | undefined, text: Ref<string>) {
  const query = shallowRef<TextQuery | null>(null)
  let isComposing = false

  function close(): void {
    query.value = null
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
    const asked = trigger && atCursor(trigger)
    if (asked) query.value = asked
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
  watch(text, follow, { flush: 'post' }) // what was sent is taken out of the field without a key
  useEventListener(field, 'blur', () => {
    // Still the active element when it is the window that lost the focus.
    if (document.activeElement !== field()) close()
  })

  return { query, close }
}

import type { SlashQuery } from '~/utils/slash-query'

/**
 * The "/query" being typed in a text field: it begins with the typing of the slash and follows the cursor until that
 * leaves it. While characters are being composed (IME) it stands still.
 */
export function useSlashQuery(field: () => HTMLTextAreaElement | null | undefined) {
  const query = shallowRef<SlashQuery | null>(null)
  let isComposing = false

  function close(): void {
    query.value = null
  }

  function follow(): void {
    if (!query.value || isComposing) return
    const found = atCursor()
    query.value = found?.start === query.value.start ? found : null
  }

  function atCursor(): SlashQuery | null {
    const element = field()
    return element && element.selectionStart === element.selectionEnd ? slashQueryAt(element.value, element.selectionStart) : null
  }

  useEventListener(field, 'input', (event) => {
    if (event instanceof InputEvent && isSlashTyped(event)) query.value = atCursor()
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
  useEventListener(field, 'blur', () => {
    // Still the active element when it is the window that lost the focus.
    if (document.activeElement !== field()) close()
  })

  return { query, close }
}

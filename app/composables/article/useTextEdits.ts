import type { TextEdit, TextRange } from '~/utils/article/article-text'

/** Applies edits to a text field as if they were typed, so that the browser can undo them. */
export function useTextEdits(field: () => HTMLTextAreaElement | null | undefined) {
  function apply({ start, end, text, select }: TextEdit): void {
    const element = field()
    if (!element) return
    element.focus()
    element.setSelectionRange(start, end)
    if (text || start < end) replaceSelection(element, text)
    element.setSelectionRange(select.start, select.end)
  }

  /** Applies what `edit` makes of the text and the selection. */
  function edit(edit: (value: string, range: TextRange) => TextEdit | null): boolean {
    const element = field()
    const made = element && edit(element.value, { start: element.selectionStart, end: element.selectionEnd })
    if (made) apply(made)
    return Boolean(made)
  }

  return { apply, edit }
}

// The only way to change a text field that keeps the undo history; it has no successor.
function replaceSelection(element: HTMLTextAreaElement, text: string): void {
  const isDone = text ? document.execCommand('insertText', false, text) : document.execCommand('delete')
  if (isDone) return
  element.setRangeText(text)
  element.dispatchEvent(new InputEvent('input', { bubbles: true }))
}

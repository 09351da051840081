/** Inserts text at the cursor of a text field. */
export function useTextCursor(field: () => HTMLTextAreaElement | null | undefined, text: Ref<string>) {
  /** Inserts at the cursor, or replaces `range`, and moves the cursor behind the insertion. */
  async function insert(inserted: string, range?: { start: number; end: number }): Promise<void> {
    const start = range?.start ?? field()?.selectionStart ?? text.value.length
    const end = range?.end ?? field()?.selectionEnd ?? start
    text.value = text.value.slice(0, start) + inserted + text.value.slice(end)
    await select(start + inserted.length, start + inserted.length)
  }

  async function select(start: number, end: number): Promise<void> {
    await nextTick()
    field()?.focus()
    field()?.setSelectionRange(start, end)
  }

  return { insert, select }
}

/** What is typed after a "/" that asks for a canned response. */
export interface SlashQuery {
  /** Where the "/" stands. */
  start: number
  query: string
}

const maxLength = 60

/**
 * The "/query" that ends at `cursor`, or null. The slash stands at the beginning of the text or after whitespace, and
 * no second one follows: inside a word, an address or a path it is part of the text. A space right after it ends it.
 */
export function slashQueryAt(text: string, cursor: number): SlashQuery | null {
  const line = text.slice(text.lastIndexOf('\n', cursor - 1) + 1, cursor)
  const query = /(?:^|\s)\/((?:[^\s/][^/]*)?)$/.exec(line)?.[1]
  return query === undefined || query.length > maxLength ? null : { start: cursor - query.length - 1, query }
}

/** Whether this input is the typing of the "/" itself: pasting text or moving the cursor to a slash asks for nothing. */
export function isSlashTyped(event: Pick<InputEvent, 'inputType' | 'data' | 'isComposing'>): boolean {
  return event.inputType === 'insertText' && event.data === '/' && !event.isComposing
}

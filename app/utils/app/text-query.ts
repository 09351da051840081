/** The sign that asks: "/" for a canned response, "@" for a member. */
export type TextTrigger = keyof typeof patterns

/** What is typed after a sign that asks for something to be inserted. */
export interface TextQuery {
  trigger: TextTrigger
  /** Where the sign stands. */
  start: number
  query: string
}

const maxLength = 60

const patterns = {
  // Inside a word, an address or a path a slash is part of the text.
  '/': /(?:^|\s)\/((?:[^\s/][^/]*)?)$/,
  // Where shared/utils/mentions.ts lets a mention begin.
  '@': /(?:^|[^\p{L}\p{N}\p{M}/\\@.=&#%+])@((?:[^\s@][^@]*)?)$/u
}

/**
 * The query of that kind that ends at `cursor`, or null. Its sign begins a word, no second one follows, and a space right
 * after it ends it; it may be several words of one line.
 */
export function textQueryAt(text: string, cursor: number, trigger: TextTrigger): TextQuery | null {
  const line = text.slice(text.lastIndexOf('\n', cursor - 1) + 1, cursor)
  const query = patterns[trigger].exec(line)?.[1]
  return query === undefined || query.length > maxLength ? null : { trigger, start: cursor - query.length - 1, query }
}

/** The sign whose own typing this input is: pasting text or moving the cursor to one asks for nothing. */
export function typedTrigger({ inputType, data, isComposing }: Pick<InputEvent, 'inputType' | 'data' | 'isComposing'>): TextTrigger | null {
  return inputType === 'insertText' && !isComposing && (data === '/' || data === '@') ? data : null
}

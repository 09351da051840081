/** The character that opens a picker: "/" for canned responses, "@" for members. */
export type TextTrigger = keyof typeof patterns

/** The text typed after a trigger, to search its picker. */
export interface TextQuery {
  trigger: TextTrigger
  /** The index of the trigger. */
  start: number
  query: string
}

const maxLength = 60

const patterns = {
  // Not inside a word, a URL or a path.
  '/': /(?:^|\s)\/((?:[^\s/][^/]*)?)$/,
  // Where shared/utils/mentions.ts lets a mention start.
  '@': /(?:^|[^\p{L}\p{N}\p{M}/\\@.=&#%+])@((?:[^\s@][^@]*)?)$/u
}

/**
 * The query after `trigger` that ends at `cursor`, or null. The trigger must start a word and not occur again, and no space may
 * follow it directly. A query can have several words of one line.
 */
export function textQueryAt(text: string, cursor: number, trigger: TextTrigger): TextQuery | null {
  const line = text.slice(text.lastIndexOf('\n', cursor - 1) + 1, cursor)
  const query = patterns[trigger].exec(line)?.[1]
  return query === undefined || query.length > maxLength ? null : { trigger, start: cursor - query.length - 1, query }
}

/** The trigger that this input event typed, or null: pasting text or moving the cursor opens no picker. */
export function typedTrigger({ inputType, data, isComposing }: Pick<InputEvent, 'inputType' | 'data' | 'isComposing'>): TextTrigger | null {
  return inputType === 'insertText' && !isComposing && (data === '/' || data === '@') ? data : null
}

/** The words after "/article", which searches articles instead of canned responses; null for another query. */
export function articleQueryOf({ trigger, query }: TextQuery): string | null {
  const words = trigger === '/' ? /^articles?(?:\s+(.*))?$/i.exec(query) : null
  return words && (words[1] ?? '')
}

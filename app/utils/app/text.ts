import { listInWords } from '#shared/utils/words'

/** The first `length` characters (code points) of `text`, with an ellipsis if there are more. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text)
  return characters.length > length ? `${characters.slice(0, length).join('').trimEnd()}…` : text
}

/** "Ann", "Ann and Bob", "Ann, Bob and Vera", "Ann, Bob and 3 others". */
export function namesInWords(names: readonly string[]): string {
  const shown = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} others`] : names
  return listInWords(shown)
}

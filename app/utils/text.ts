/** The first `length` characters (code points) of `text`, with an ellipsis when there are more. */
export function shortened(text: string, length: number): string {
  const characters = Array.from(text)
  return characters.length > length ? `${characters.slice(0, length).join('').trimEnd()}…` : text
}

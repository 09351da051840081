/** Splits a text into parts of at most `max` code points (as Postgres counts), after a line or word if one ends in the second half. */
export function cutText(text: string, max: number): string[] {
  if (text.length <= max) return [text]
  const parts: string[] = []
  const points = [...text]
  for (let from = 0; from < points.length;) {
    const part = points.slice(from, from + max)
    const isLast = from + max >= points.length
    const length = isLast
      ? part.length
      : ([part.lastIndexOf('\n'), part.lastIndexOf(' ')].map(at => at + 1).find(length => length > max / 2) ?? part.length)
    parts.push(part.slice(0, length).join(''))
    from += length
  }
  return parts
}

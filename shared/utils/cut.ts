/** A text in parts of at most `max` code points, as Postgres counts: cut behind a line or a word where one ends in the second half of a part. */
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

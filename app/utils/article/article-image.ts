import { maxFileBytes } from '#shared/schemas/attachment'
import { listInWords } from '#shared/utils/words'
import { fileSize, isImage } from '../attachment/attachment'

const maxImages = 20 // at once
const mark = /!\[Uploading ([^\n[\]]{1,300}?)…\]\(#upload-([\da-z-]{1,80})\)/g

/** What stands in a text until a picture is uploaded. */
export function imageMark({ id, name }: { id: string; name: string }): string {
  return `![Uploading ${withoutBrackets(name)}…](#upload-${id})`
}

/** The marks in a text of pictures that are not uploaded. */
export function findImageMarks(text: string): { id: string; name: string; mark: string }[] {
  return [...text.matchAll(mark)].map(([mark, name, id]) => ({ id: id!, name: name!, mark }))
}

/** The Markdown of a picture. `size` is in pixels, null if the browser cannot show it. */
export function imageMarkdown(name: string, address: string, size: { width: number; height: number } | null): string {
  const label = withoutBrackets(name.replace(/\.[a-z]{3,4}$/i, ''))
  return `![${label}](${address}${size ? `#${size.width}x${size.height}` : ''})`
}

/** The files that can be pictures of an article, and a sentence for each reason why others are not. */
export function admitImages<F extends { name: string; size: number; type: string }>(
  files: readonly F[]
): { admitted: F[]; notes: string[] } {
  const notes: string[] = []
  const refuse = (refused: readonly F[], one: string, several: string) => {
    if (refused.length) notes.push(`${listInWords(refused.map(({ name }) => `“${name}”`))} ${refused.length === 1 ? one : several}`)
  }
  const images = files.filter(({ type }) => isImage(type))
  const usable = images.filter(({ size }) => size > 0 && size <= maxFileBytes)
  refuse(
    files.filter(({ type }) => !isImage(type)),
    'is not a PNG, JPEG, GIF or WebP picture.',
    'are not PNG, JPEG, GIF or WebP pictures.'
  )
  const limit = `larger than ${fileSize(maxFileBytes)}.`
  refuse(
    images.filter(({ size }) => size > maxFileBytes),
    `is ${limit}`,
    `are ${limit}`
  )
  refuse(
    images.filter(({ size }) => size === 0),
    'is empty.',
    'are empty.'
  )
  if (usable.length > maxImages) notes.push(`Only the first ${maxImages} pictures were added.`)
  return { admitted: usable.slice(0, maxImages), notes }
}

/** Where a position of a text is after `start` to `end` were replaced by `length` characters. */
export function shiftPosition(position: number, { start, end, length }: { start: number; end: number; length: number }): number {
  if (position <= start) return position
  return position >= end ? position + length - (end - start) : start + length
}

// They would end the description.
function withoutBrackets(name: string): string {
  return name.replace(/[[\]\\`]/g, '').trim() || 'picture'
}

import { inlineTypes } from '#shared/attachment'
import { maxFileBytes, maxFiles } from '#shared/schemas/attachment'
import { plural } from '#shared/utils/plural'
import { listInWords } from '#shared/utils/words'

/** "812 bytes", "34 kB", "1.4 MB". A kB has 1,024 bytes, as in the limits of the server. */
export function fileSize(bytes: number): string {
  if (bytes < 1_024) return plural(bytes, '1 byte', '# bytes')
  const kilobytes = bytes / 1_024
  if (Math.round(kilobytes) < 1_024) return `${Math.round(kilobytes)} kB`
  const megabytes = kilobytes / 1_024
  return `${megabytes < 10 ? Math.round(megabytes * 10) / 10 : Math.round(megabytes)} MB`
}

const icons: [types: RegExp, icon: string][] = [
  [/^image\//, 'i-lucide-file-image'],
  [/^video\//, 'i-lucide-file-video'],
  [/^audio\//, 'i-lucide-file-music'],
  [/spreadsheet|excel|csv/, 'i-lucide-file-spreadsheet'],
  [/zip|compressed|x-tar|gzip|x-rar|x-7z/, 'i-lucide-file-archive'],
  [/json|xml|html|javascript/, 'i-lucide-file-code'],
  [/pdf|word|document|presentation|^text\//, 'i-lucide-file-text']
]

export function fileIcon(contentType: string): string {
  return icons.find(([types]) => types.test(contentType))?.[1] ?? 'i-lucide-file'
}

/** Whether pages show such a file as an image. */
export function isImage(contentType: string): boolean {
  return inlineTypes.includes(contentType)
}

/** Recordings of browser traffic, private keys and settings of servers: support desks were broken into with such files. */
const secretNames = /\.har$|^id_rsa|^\.env|\.pem$|\.key$/i

export function mayHoldSecrets(name: string): boolean {
  return secretNames.test(name)
}

/** The name of a picture that was pasted at `date`, in local time: "screenshot-2026-11-28-101203.png". */
export function screenshotName(type: string, date: Date): string {
  const digits = (value: number) => String(value).padStart(2, '0')
  const day = [date.getFullYear(), digits(date.getMonth() + 1), digits(date.getDate())].join('-')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(digits).join('')
  const extension = type === 'image/jpeg' ? 'jpg' : (/^image\/([a-z]+)/.exec(type)?.[1] ?? 'png')
  return `screenshot-${day}-${time}.${extension}`
}

/** The files that fit into a message which has `taken` files already, and a sentence for each reason why others do not. */
export function admitFiles<F extends { name: string; size: number }>(
  files: readonly F[],
  taken: number
): { admitted: F[]; notes: string[] } {
  const notes: string[] = []
  const refuse = (refused: readonly F[], reason: string) => {
    if (refused.length) notes.push(`${listInWords(refused.map(({ name }) => `“${name}”`))} ${reason}`)
  }
  const tooLarge = files.filter(({ size }) => size > maxFileBytes)
  const empty = files.filter(({ size }) => size === 0)
  const usable = files.filter(({ size }) => size > 0 && size <= maxFileBytes)
  const admitted = usable.slice(0, Math.max(0, maxFiles - taken))
  refuse(tooLarge, `${tooLarge.length === 1 ? 'is' : 'are'} larger than ${fileSize(maxFileBytes)}.`)
  refuse(empty, `${empty.length === 1 ? 'is' : 'are'} empty.`)
  const beyond = usable.length - admitted.length
  if (beyond > 0) notes.push(`A message has at most ${maxFiles} files: ${plural(beyond, '1 file was', '# files were')} not added.`)
  return { admitted, notes }
}

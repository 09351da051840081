const maxLength = 255

// Controls, and format characters: marks of direction, zero-width characters, soft hyphens, tags. Also the separators of lines, the
// fillers of Hangul and Braille, and lone surrogates.
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5|[\u180b-\u180f]/gu

/**
 * The name of a file as people see it: without directories, invisible characters and marks that turn the direction of text, at most 255
 * characters. `file` if nothing is left. private.is_file_name() checks the same.
 */
export function cleanFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1)!
  const visible = last
    .replace(/[\t\n\r]+/g, ' ')
    .replace(invisible, '')
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .trim()
  if (/^\.*$/.test(visible)) return 'file'
  const characters = [...visible]
  if (characters.length <= maxLength) return visible
  const extension = /\.[\p{L}\p{N}]{1,20}$/u.exec(visible)?.[0] ?? ''
  return (
    characters
      .slice(0, maxLength - [...extension].length)
      .join('')
      .trim() + extension
  )
}

/**
 * The header Content-Disposition (RFC 6266): a name in ASCII for old clients, and the real one (RFC 8187). `kind` inline shows the file
 * in the browser.
 */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  const ascii = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]|["\\%]/gu, '_')
  // encodeURIComponent leaves four characters that RFC 8187 does not allow in a value.
  const encoded = encodeURIComponent(name).replace(/['()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`
}

import { fileTypeFromBuffer } from 'file-type'

/** How much of the beginning of a file `detectContentType` looks at. Office documents name their type in the first kilobytes of a zip. */
export const headBytes = 65_536

// WHATWG MIME Sniffing looks at this much of a resource.
const sniffedBytes = 1_445
// MIME Sniffing 7.1: tags that make a text an HTML document, before a space or ">".
const htmlStart =
  /^[\t\n\f\r ]*<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|img|input|form|object|embed|meta|link|base|video|audio|math|template|!--)(?=[\s>/-]|$)/i
const xmlStart = /^[\t\n\f\r ]*<\?xml[\s?]/i
const svgRoot = /<svg[\s>/]/i
const htmlRoot = /<html[\s>/]/i

/**
 * The content type of a file by its beginning. For text and for unknown bytes `declared`, the type that the sender claims, is kept if a
 * browser would not render it.
 */
export async function detectContentType(head: Uint8Array, declared?: string): Promise<string> {
  const known = await fileTypeFromBuffer(head.subarray(0, headBytes))
  // file-type knows no text formats except XML, of which it does not name the kind.
  if (known && known.mime !== 'application/xml') return known.mime.split(';', 1)[0]!.toLowerCase()
  const sniffed = sniffText(head)
  return ['text/plain', 'application/octet-stream'].includes(sniffed) && declared ? (harmlessType(declared) ?? sniffed) : sniffed
}

function sniffText(head: Uint8Array): string {
  if (hasUtf16Mark(head)) return 'text/plain'
  if (!isUtf8(head)) return 'application/octet-stream'
  const start = Buffer.from(head.subarray(0, sniffedBytes))
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
  if (xmlStart.test(start)) return svgRoot.test(start) ? 'image/svg+xml' : htmlRoot.test(start) ? 'application/xhtml+xml' : 'text/xml'
  if (htmlStart.test(start))
    return svgRoot.test(start) && /^[\t\n\f\r ]*<!--/.test(start) && !htmlRoot.test(start) ? 'image/svg+xml' : 'text/html'
  if (/^[\t\n\f\r ]*(?:<!doctype svg|<svg[\s>/])/i.test(start)) return 'image/svg+xml'
  return 'text/plain'
}

function hasUtf16Mark(head: Uint8Array): boolean {
  return (head[0] === 0xfe && head[1] === 0xff) || (head[0] === 0xff && head[1] === 0xfe)
}

// MIME Sniffing 3: controls that do not occur in text.
const isBinary = (byte: number) => byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f)

function isUtf8(head: Uint8Array): boolean {
  if (head.some(isBinary)) return false
  try {
    // As a stream: the last character may continue behind the head.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return true
  } catch {
    return false
  }
}

/** The declared type without parameters; undefined if it is malformed, or if a browser might render or run it. */
function harmlessType(declared: string): string | undefined {
  const type = declared.split(';', 1)[0]!.trim().toLowerCase()
  if (!/^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/.test(type)) return
  return /^(?:image|multipart|message|audio|video|font)\/|^text\/(?:html|xml|css|.*script)|[/+]xml$|html|script|pdf|flash|wasm/.test(type)
    ? undefined
    : type
}

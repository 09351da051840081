/** The fields at the start of a Markdown file, each with its line, and the text after them, exactly as it is in the file. */
export interface FrontMatter {
  fields: Record<string, { value: string; line: number }>
  content: string
  /** The first line of the text. */
  contentLine: number
}

export type FrontMatterReading = FrontMatter | { line: number; problem: string }

/** Reads `key: value` lines between two lines of "---". A value is text, or a string in quotes. */
export function readFrontMatter(source: string): FrontMatterReading {
  const fields: FrontMatter['fields'] = {}
  const lines = source.matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g)
  let number = 0
  for (const { 0: whole, 1: text = '', index } of lines) {
    number++
    if (number === 1) {
      if (text.trimEnd() !== '---') return { line: 1, problem: 'The file does not begin with a line “---”' }
      continue
    }
    if (text.trimEnd() === '---') return { fields, content: source.slice(index + whole.length), contentLine: number + 1 }
    if (text.trim() === '' || text.startsWith('#')) {
      if (index >= source.length) break
      continue
    }
    const field = /^([a-z][a-z_]*):(?:[ \t]+([^\r\n]*)|[ \t]*)$/.exec(text)
    if (!field) return { line: number, problem: 'Not “name: value”' }
    const [, name = '', written = ''] = field
    if (Object.hasOwn(fields, name)) return { line: number, problem: `“${name}” is there twice` }
    const value = readValue(written.trim())
    if (value === undefined) return { line: number, problem: 'A quote is never closed' }
    fields[name] = { value, line: number }
  }
  return { line: 1, problem: 'The line “---” that ends the fields is missing' }
}

/** Writes what `readFrontMatter` reads. Fields without a value are left out. */
export function writeFrontMatter(fields: Record<string, string | null | undefined>, content: string): string {
  const lines = Object.entries(fields).flatMap(([name, value]) => (value == null ? [] : [`${name}: ${writeValue(value)}\n`]))
  return `---\n${lines.join('')}---\n${content}`
}

function readValue(text: string): string | undefined {
  if (text.startsWith("'")) return /^'(?:[^']|'')*'$/.test(text) ? text.slice(1, -1).replaceAll("''", "'") : undefined
  if (!text.startsWith('"')) return text
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

// In quotes where YAML would read something else.
function writeValue(value: string): string {
  return /^[\p{L}\p{N}](?:[^:#"'\p{Cc}\u2028\u2029]*[^:#"'\s\p{Cc}])?$/u.test(value) &&
    !/^(?:true|false|null|yes|no|on|off|[\d.,+-]+)$/i.test(value)
    ? value
    : JSON.stringify(value)
}

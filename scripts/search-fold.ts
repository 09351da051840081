// npm run search:fold: writes the SQL of the folding table (shared/utils/fold.ts) into the migration. With --check it writes
// nothing, and exits with 1 when the migration differs.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { foldGroups, ignoredMarks, type FoldGroup } from '../shared/utils/fold.ts'

const path = join(import.meta.dirname, '..', 'supabase', 'migrations', '20261121000300_text_folding.sql')
const startMarker = '-- Written by scripts/search-fold.ts from shared/utils/fold.ts: change the table there.\n'
const endMarker = '-- End of what scripts/search-fold.ts writes.\n'

/** The migration with the function generated from the table. */
export function withFoldFunction(migration: string): string {
  const [before, rest] = split(migration, startMarker)
  const [, after] = split(rest, endMarker)
  return `${before}${startMarker}${foldFunction()}${endMarker}${after}`
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  if (at === -1) throw new Error(`The migration has no line ${mark}`)
  return [text.slice(0, at), text.slice(at + mark.length)]
}

function foldFunction(): string {
  return `create function private.fold_text(value text) returns text
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  folded text;
begin
  if octet_length(value) = length(value) then
    return lower(value collate "C"); -- ASCII alone, as most log lines are
  end if;
  folded := regexp_replace(lower(private.decompose(value) collate "pg_c_utf8"),
    ${quotedPart(`[${ignoredMarks.map(([from, to]) => range(from, to)).join('')}]`, "'")}, '', 'g');
${foldGroups().map(group).join('')}  return private.compose(folded);
end $$;
`
}

// replace() scans a text once. translate() compares each character with each letter, and regexp_replace() restarts after each
// match.
function group({ name, letters }: FoldGroup): string {
  const sources = Object.values(letters).flatMap(sources => [...sources])
  const steps = Object.entries(letters).flatMap(([target, sources]) =>
    [...sources].map(source => `replace(folded, E'${escapeCharacters(source)}', E'${escapeCharacters(target)}')`)
  )
  return `  if folded ~ ${quotedPart(`[${ranges(sources.map(source => source.codePointAt(0)!))}]`, "'")} then -- ${name}
${steps.map(step => `    folded := ${step};\n`).join('')}  end if;
`
}

/** A string constant in lines of at most 120 characters, which Postgres concatenates. Escapes are not split. */
function quotedPart(content: string, opening: string): string {
  const pieces = content.match(/(?:\\U[0-9A-F]{8}|\\u[0-9A-F]{4}|''|[^]){1,1}/g)!
  const lines: string[] = ['']
  for (const piece of pieces) {
    if (lines.at(-1)!.length + piece.length > 120) lines.push('')
    lines[lines.length - 1] += piece
  }
  return `${opening}${lines.join("'\n      '")}'`
}

function escapeCharacters(text: string): string {
  return [...text]
    .map(character => {
      const point = character.codePointAt(0)!
      return point < 0x80 ? character.replace("'", "''") : codePoint(point)
    })
    .join('')
}

function codePoint(point: number): string {
  const hex = point.toString(16).toUpperCase()
  return point > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
}

function range(from: number, to: number): string {
  return from === to ? codePoint(from) : `${codePoint(from)}-${codePoint(to)}`
}

function ranges(points: number[]): string {
  const found: [number, number][] = []
  for (const point of [...points].sort((a, b) => a - b)) {
    const last = found.at(-1)
    if (last && point === last[1] + 1) last[1] = point
    else found.push([point, point])
  }
  return found.map(([from, to]) => range(from, to)).join('')
}

if (import.meta.main) {
  const migration = await readFile(path, 'utf8')
  const written = withFoldFunction(migration)
  if (!process.argv.includes('--check')) {
    await writeFile(path, written)
  } else if (written !== migration) {
    console.error('The migration does not match shared/utils/fold.ts. Run: npm run search:fold')
    process.exitCode = 1
  }
}

import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxRecordBytes } from '../../../scripts/import/bytes.ts'
import { csvRows, type Row } from '../../../scripts/import/rows.ts'

async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string | Buffer, size = 7): Promise<Row[]> {
  const rows: Row[] = []
  for await (const row of csvRows(pieces(Buffer.from(text), size))) rows.push(row)
  return rows
}

/** The rows as text: "line: title", or "line! problem". */
async function titles(text: string | Buffer, size = 7): Promise<string[]> {
  return (await read(text, size)).map(row => {
    const { line, lastLine = line } = row
    const lines = lastLine > line ? `${line}-${lastLine}` : `${line}`
    return 'problem' in row ? `${lines}! ${row.problem}` : `${lines}: ${(row.value as { title: string }).title}`
  })
}

describe('the import of a CSV file', () => {
  test('quotes inside of unquoted cells lose no row', async () => {
    const file = [
      'id,title,body',
      '1,Monitor 24" broken,x',
      '2,Second,y',
      '3,Cable 5" and 6" long,z',
      '4,"Said ""no""",z',
      '5,Ends with 24",z'
    ].join('\n')
    for (const size of [1, 2, 5, 1_000])
      expect(await titles(file, size)).toEqual([
        '2: Monitor 24" broken',
        '3: Second',
        '4: Cable 5" and 6" long',
        '5: Said "no"',
        '6: Ends with 24"'
      ])
  })

  test.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r']
  ])('%s is accepted as line end, also inside of quotes', async (_, end) => {
    const file = ['id,title,body', '1,One,"two', 'lines"', '', '2,Two,x'].join(end)
    for (const size of [1, 3, 1_000]) expect(await titles(file, size)).toEqual(['2-3: One', '5: Two'])
  })

  test('a file can have different line ends', async () => {
    expect(await titles('id,title\r1,One\n2,Two\r\n\r\n3,Three\r\r4,Four')).toEqual(['2: One', '3: Two', '5: Three', '7: Four'])
  })

  test.each([
    ['semicolons', ';'],
    ['tabs', '\t'],
    ['bars', '|']
  ])('%s are accepted as delimiter', async (_, delimiter) => {
    expect(await titles(['id,title', '1,"a, b; c"', '2,x'].join('\n').replaceAll(/(?<=id|1|2),/g, delimiter))).toEqual([
      '2: a, b; c',
      '3: x'
    ])
  })

  test('Excel’s sep= line, UTF-16, a byte order mark, empty lines before the header and spaces before quotes are accepted', async () => {
    expect(await titles('sep=;\r\nid;title\r\n1;One\r\n')).toEqual(['3: One'])
    expect(await titles('\n\n\uFEFFid, "title"\n1, "One, or two" \n2, Two\n')).toEqual(['4: One, or two', '5:  Two'])
    expect(await titles(Buffer.from('\uFEFFid\ttitle\r\n1\tÜber 🙂\r\n', 'utf16le'))).toEqual(['2: Über 🙂'])
  })

  test('a broken line is reported with its reason, and the next one is read', async () => {
    const file = [
      'id,title,body',
      '1,One',
      '2,Two,x,y',
      '3,"a "quoted" word",x',
      String.raw`4,"a \"quoted\" word",x`,
      '5,Five,x',
      '6,"never closed,x',
      '7,Seven,x'
    ].join('\n')
    for (const size of [1, 6, 1_000]) {
      expect(await titles(file, size)).toEqual([
        '2! Has 2 columns, the header has 3',
        '3! Has 4 columns, the header has 3',
        '4! A quote inside of quotes must be written twice',
        '5! A quote inside of quotes is written twice, not behind a backslash',
        '6: Five',
        '7! A quote is never closed',
        '8: Seven'
      ])
    }
  })

  test('rows after an unclosed quote are recovered, and a record with too many cells is reported with all its lines', async () => {
    expect(await titles(['id,title,body', '1,"Never closed,x', '2,Two,"y"', '3,Three,z'].join('\n'))).toEqual([
      '2! A quote inside of quotes must be written twice',
      '3: Two',
      '4: Three'
    ])
    expect(await titles(['id,title,body', '1,One,"x",', '2,Two,"one', 'two",three', '3,Three,z'].join('\n'))).toEqual([
      '2! Has 4 columns, the header has 3',
      '3-4! Has 4 columns, the header has 3',
      '5: Three'
    ])
    expect(await titles(['id,title,body', '1,"a,', '2,Two,x', '",b,c,d', '3,Three,z'].join('\n'))).toEqual([
      '2! Has 5 columns, the header has 3; is a quote never closed?',
      '3: Two',
      '4! A quote is never closed',
      '5: Three'
    ])
  })

  test('only the records that are not UTF-8 or longer than 1 MB are refused', async () => {
    const file = Buffer.concat([
      Buffer.from('id,title\n1,'),
      Buffer.from([0xff]),
      Buffer.from(`\n2,Two\n3,${'x'.repeat(maxRecordBytes)}\n4,Four\n5,"${'x'.repeat(maxRecordBytes)}"\n6,Six`)
    ])
    expect(await titles(file, 65_536)).toEqual([
      '2! Not valid UTF-8',
      '3: Two',
      '4! Longer than 1 MB',
      '5: Four',
      expect.stringMatching(/^6! Longer than 1 MB/) as string,
      '7: Six'
    ])
    const many = Array.from({ length: 30_000 }, (_, index) => `${index},row ${'x'.repeat(40)}`)
    const rows = await titles(['id,title', '1,"open', ...many].join('\n'), 65_536)
    expect(rows).toHaveLength(30_001)
    expect(rows[0]).toBe('2! Longer than 1 MB, or a quote that is never closed')
  })

  test('a file with a header alone has no rows, and a file without a valid header is refused', async () => {
    expect(await titles('id,title\n')).toEqual([])
    expect(await titles('id,title')).toEqual([])
    for (const file of ['', '\n\n', '\uFEFF']) await expect(read(file)).rejects.toThrow(/^The file is empty$|^The header needs/)
    await expect(read('1,One\n2,Two')).rejects.toThrow(/^The header needs the columns id and title/)
    await expect(read('id,title,title\n1,One,x')).rejects.toThrow('The header has the column "title" twice')
    await expect(read('id,"title\n1,One')).rejects.toThrow('The header cannot be read: A quote is never closed')
  })

  test('any quoted cells are parsed as by csv-parse, with any line end and chunk size', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '🙂', ' ', '\r', '\n', '"', ',', ';') })
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 20 }),
        async (cells, end, size) => {
          const file = [['id', 'title'], ...cells].map(row => row.map(quoted).join(',')).join(end)
          const expected = (parse(file, { columns: true, skip_empty_lines: false }) as { id: string; title: string }[]).map(row =>
            Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ''))
          )
          expect((await read(file, size)).map(row => ('value' in row ? row.value : row.problem))).toEqual(expected)
        }
      )
    )
  })

  test('every line of any text is reported exactly once and in order', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', ',', '"', ' ', '\\', '""') })
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.constantFrom('\n', '\r\n', '\r'), fc.integer({ min: 1, max: 20 }), async (lines, end, size) => {
        const named = new Set<number>()
        let last = 1
        for (const { line, lastLine = line } of await read(['id,title', ...lines].join(end), size)) {
          expect(line).toBeGreaterThan(last)
          for (let number = line; number <= lastLine; number++) named.add(number)
          last = lastLine
        }
        const missing = lines.flatMap((text, index) => (text.trim() !== '' && !named.has(index + 2) ? [index + 2] : []))
        expect(missing).toEqual([])
      })
    )
  })
})

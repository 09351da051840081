import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { csvStream, escapeFormula, type CsvCell } from '#server/utils/csv'

const csv = async (header: string[], rows: CsvCell[][]) => (await buffer(csvStream(header, rows))).toString('utf8')
const cells = (file: string) => parse(file, { bom: true }) as unknown as string[][]

describe('the export of a CSV file', () => {
  test('a CSV file begins with a byte order mark and ends every line with CRLF', async () => {
    expect(
      await csv(
        ['Name', 'Open'],
        [
          ['Bug', 3],
          ['Ünïcode ✓', 0]
        ]
      )
    ).toBe('\uFEFF"Name","Open"\r\n"Bug",3\r\n"Ünïcode ✓",0\r\n')
  })

  test('a CSV file without rows consists of its header', async () => {
    expect(await csv(['Name'], [])).toBe('\uFEFF"Name"\r\n')
  })

  test('numbers are written unquoted, also negative ones, and null as an empty cell', async () => {
    expect(await csv(['a', 'b', 'c', 'd', 'e'], [[-5, 1.25, null, true, '']])).toBe('\uFEFF"a","b","c","d","e"\r\n-5,1.25,,true,""\r\n')
  })

  test('separators, quotes and line breaks round-trip', async () => {
    const row = ['a,b', 'say "hi"', 'two\r\nlines', 'lone\rreturn', 'a;b', 'line\u2028separator', 'e\u0301 👩‍👩‍👧‍👦 \u202Egnp']
    expect(cells(await csv(row, [row]))).toEqual([row, row])
  })

  test('formulas in cells and in the header are escaped', async () => {
    expect(cells(await csv(['=A1'], [['=HYPERLINK("http://evil","x")']]))).toEqual([["'=A1"], ['\'=HYPERLINK("http://evil","x")']])
  })

  test('the stream stops reading rows when its reader stops', async () => {
    let produced = 0
    async function* endless() {
      for (;;) yield [++produced]
    }
    const stream = csvStream(['n'], endless())
    const ended = new Promise(resolve => stream.once('close', resolve))
    for await (const chunk of stream) {
      expect(String(chunk)).toContain('"n"')
      break
    }
    await ended
    const seen = produced
    await new Promise(resolve => setImmediate(resolve))
    expect(produced).toBe(seen)
    expect(produced).toBeLessThan(10_000)
  })

  test('the stream fails when its rows fail', async () => {
    const failing = Readable.from(
      (function* () {
        yield [1]
        throw new Error('The database went away')
      })()
    )
    await expect(buffer(csvStream(['n'], failing))).rejects.toThrow('The database went away')
  })
})

describe('escapeFormula', () => {
  test.each([
    '=1+1',
    "=cmd|' /C calc'!A0",
    '+1',
    '-2+3',
    '@SUM(1)',
    '\t=1+1',
    '\ttab',
    '\rreturn',
    '\nline',
    ' =1',
    '\u200B=1',
    '\u00A0+1',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    "'=1",
    "''+1"
  ])('a formula, or a text that looks escaped, gets an apostrophe: %j', value => {
    expect(escapeFormula(value)).toBe(`'${value}`)
  })

  test.each(['', 'plain', 'a=b', '1-2', ' leading space', "'quoted'", '"=1"', '#001', '%', '日本'])(
    'a text that is no formula stays unchanged: %j',
    value => {
      expect(escapeFormula(value)).toBe(value)
    }
  )
})

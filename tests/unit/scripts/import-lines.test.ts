import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxImportBytes } from '#shared/schemas/import'
import { asUtf8, maxRecordBytes } from '../../../scripts/import/bytes.ts'
import { splitLines } from '../../../scripts/import/lines.ts'

/** A stream of `bytes` in pieces of `size`. */
async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function split(text: string | Buffer, size = 7) {
  const records = []
  for await (const record of splitLines(asUtf8(pieces(Buffer.from(text), size))))
    records.push('text' in record ? [record.line, record.text] : [record.line, { problem: record.problem }])
  return records
}

const utf16 = (text: string, isBigEndian: boolean) => (isBigEndian ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, 'utf16le'))

describe('the lines of an import file', () => {
  test('lines do not depend on the sizes of chunks, with LF, CR and CR LF as line ends', async () => {
    const text = '\uFEFFerste\r\nzweite 🙂 中文\n\nلا\u2028still the fourth\r\r\nafter two\rlast'
    const expected = [
      [1, 'erste'],
      [2, 'zweite 🙂 中文'],
      [3, ''],
      [4, 'لا\u2028still the fourth'],
      [5, ''],
      [6, 'after two'],
      [7, 'last']
    ]
    for (const size of [1, 2, 3, 5, 1_000]) expect(await split(text, size), String(size)).toEqual(expected)
  })

  test('UTF-16 is read with or without a byte order mark, and UTF-32 is refused', async () => {
    const text = '{"id": "ü 🙂"}\r\nzweite\n'
    const expected = [
      [1, '{"id": "ü 🙂"}'],
      [2, 'zweite']
    ]
    for (const size of [1, 2, 3, 1_000]) {
      for (const isBigEndian of [false, true]) {
        expect(await split(utf16(`\uFEFF${text}`, isBigEndian), size)).toEqual(expected)
        expect(await split(utf16(text, isBigEndian), size)).toEqual(expected)
      }
    }
    await expect(split(Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]))).rejects.toThrow('The file is in UTF-32; save it as UTF-8')
  })

  test('only the lines that are not valid UTF are refused', async () => {
    const problem = { problem: 'Not valid UTF-8' }
    expect(await split(Buffer.concat([Buffer.from('good\n'), Buffer.from([0xc3, 0x28, 0x0a]), Buffer.from('good again')]))).toEqual([
      [1, 'good'],
      [2, problem],
      [3, 'good again']
    ])
    for (const size of [1, 2, 3, 1_000]) {
      expect(await split(utf16('\uFEFFgood\nhalf \uD83D\nother \uDE42!\ngood again', false), size), String(size)).toEqual([
        [1, 'good'],
        [2, problem],
        [3, problem],
        [4, 'good again']
      ])
      expect(await split(Buffer.concat([utf16('\uFEFFgood\nhalf', false), Buffer.from([0x41])]), size)).toEqual([
        [1, 'good'],
        [2, problem]
      ])
    }
  })

  test('a line of more than 1 MB is refused, and the next line is read', async () => {
    const text = `${'x'.repeat(maxRecordBytes)}\n${'y'.repeat(3 * maxRecordBytes)}\r\nz\n${'w'.repeat(maxRecordBytes + 1)}`
    const records = await split(text, 65_536)
    expect(records.map(([line, value]) => (typeof value === 'string' ? [line, value.length] : [line, value]))).toEqual([
      [1, maxRecordBytes],
      [2, { problem: 'Longer than 1 MB' }],
      [3, 1],
      [4, { problem: 'Longer than 1 MB' }]
    ])
  })

  test('an empty file has no lines', async () => {
    expect(await split('')).toEqual([])
    expect(await split('\n')).toEqual([[1, '']])
    expect(await split('a')).toEqual([[1, 'a']])
  })

  test('lines equal a split at LF, CR and CR LF for any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('a', 'é', '🙂', '\r', '\n', '"') }),
        fc.integer({ min: 1, max: 9 }),
        async (text, size) => {
          const lines = text.split(/\r\n|\r|\n/)
          if (lines.at(-1) === '') lines.pop()
          expect(await split(text, size)).toEqual(lines.map((line, index) => [index + 1, line]))
        }
      )
    )
  })
})

test('the limit of an import record equals the limit of an export record', () => {
  expect(maxRecordBytes).toBe(maxImportBytes)
})

import { describe, expect, test } from 'vitest'
import { maxRecordBytes, splitRecords } from '../../../scripts/import/lines.ts'

/** What is read of `text` when it arrives in pieces of `size` bytes. */
async function split(text: string | Buffer, { quoted = false, size = 7 } = {}) {
  const bytes = Buffer.from(text)
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const records = []
  for await (const record of splitRecords(chunks(), { quoted })) records.push('text' in record ? [record.line, record.text] : [record.line, { problem: record.problem }])
  return records
}

describe('splitRecords', () => {
  test('gives the same records however the bytes arrive', async () => {
    const text = '\uFEFFerste\r\nzweite 🙂 中文\n\nلا\u2028still the fourth\nlast'
    const expected = [[1, 'erste'], [2, 'zweite 🙂 中文'], [3, ''], [4, 'لا\u2028still the fourth'], [5, 'last']]
    for (const size of [1, 2, 3, 5, 1_000]) expect(await split(text, { size }), String(size)).toEqual(expected)
  })

  test('keeps line breaks between quotes, and counts them', async () => {
    const text = 'a,"one\ntwo ""three""\r\nfour"\r\nb,c\n'
    for (const size of [1, 4, 1_000]) expect(await split(text, { size, quoted: true }), String(size)).toEqual([[1, 'a,"one\ntwo ""three""\r\nfour"'], [4, 'b,c']])
  })

  test('refuses what is not UTF-8 and goes on', async () => {
    expect(await split(Buffer.concat([Buffer.from('good\n'), Buffer.from([0xC3, 0x28, 0x0A]), Buffer.from('good again')]))).toEqual([[1, 'good'], [2, { problem: 'Not valid UTF-8' }], [3, 'good again']])
  })

  test('refuses a line of more than 1 MB, without holding it, and reads the next', async () => {
    const text = `${'x'.repeat(maxRecordBytes)}\n${'y'.repeat(3 * maxRecordBytes)}\nz\n${'w'.repeat(maxRecordBytes + 1)}`
    const records = await split(text, { size: 65_536 })
    expect(records.map(([line, value]) => typeof value === 'string' ? [line, value.length] : [line, value])).toEqual([[1, maxRecordBytes], [2, { problem: 'Longer than 1 MB' }], [3, 1], [4, { problem: 'Longer than 1 MB' }]])
  })

  test('an unclosed quote costs its own line, at the end of the file and in the middle of a long one', async () => {
    expect(await split('a\n"b\nc\nd', { quoted: true })).toEqual([[1, 'a'], [2, { problem: 'A quote is never closed' }], [3, 'c'], [4, 'd']])
    const many = Array.from({ length: 30_000 }, (_, index) => `row ${index} ${'x'.repeat(40)}`)
    const records = await split(['"open', ...many].join('\n'), { quoted: true, size: 65_536 })
    expect(records).toHaveLength(30_001)
    expect(records[0]).toEqual([1, { problem: 'Longer than 1 MB, or a quote that is never closed' }])
    expect(records.at(-1)).toEqual([30_001, many.at(-1)])
  })

  test('nothing of nothing', async () => {
    expect(await split('')).toEqual([])
    expect(await split('\n')).toEqual([[1, '']])
  })
})

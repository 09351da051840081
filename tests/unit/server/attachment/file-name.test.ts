import { describe, expect, test } from 'vitest'
import { cleanFileName, contentDisposition } from '#server/domain/attachment/file-name'

describe('cleanFileName', () => {
  test.each([
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\ann\\photo.jpg', 'photo.jpg'],
    ['gnp\u202egpj.exe', 'gnpgpj.exe'],
    ['a\u200bb\u200d\ufeffc.txt', 'abc.txt'],
    ['a\r\nb\0.txt', 'a b.txt'],
    ['  spaced   name .txt ', 'spaced name .txt'],
    ['Grüße 👋.txt', 'Grüße 👋.txt'],
    ['e\u0301.txt', 'é.txt'],
    ['..', 'file'],
    ['', 'file'],
    ['\u2800\u3164', 'file'],
    ['dir/', 'file'],
    ['\ud800x', 'x']
  ])('%j becomes %j', (given, expected) => {
    expect(cleanFileName(given)).toBe(expected)
  })

  test('a long name keeps its extension', () => {
    const name = cleanFileName(`${'ä'.repeat(300)}.jpeg`)
    expect([...name]).toHaveLength(255)
    expect(name).toMatch(/ä\.jpeg$/)
  })
})

describe('contentDisposition', () => {
  test('has the name in ASCII and the real one', () => {
    expect(contentDisposition('attachment', 'Grüße "1" (é).txt')).toBe(
      `attachment; filename="Grue _1_ (e).txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%221%22%20%28%C3%A9%29.txt`.replace('Grue', 'Gru_e')
    )
    expect(contentDisposition('inline', 'a.png')).toBe(`inline; filename="a.png"; filename*=UTF-8''a.png`)
  })

  test('is one header of printable ASCII for every name', () => {
    for (const name of ['a\u202eb', 'x\r\nset-cookie: y', '100%.txt', "it's;*.txt", '👋'])
      expect(contentDisposition('attachment', cleanFileName(name))).toMatch(/^[\x20-\x7e]+$/)
  })
})

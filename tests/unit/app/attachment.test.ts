import { describe, expect, it } from 'vitest'
import type { Attachment } from '#shared/types/api'
import { admitFiles, fileIcon, fileSize, isImage, mayHoldSecrets, screenshotName } from '~/utils/attachment/attachment'
import { applyAttachmentChange, joinAttachments } from '~/utils/attachment/attachment-list'
import { readDroppedFiles, type DroppedEntry } from '~/utils/attachment/dropped-files'
import { timeOrDate } from '~/utils/app/time'

const megabyte = 1_048_576

describe('a pasted screenshot', () => {
  it.each([
    ['image/png', 'screenshot-2026-11-28-090203.png'],
    ['image/jpeg', 'screenshot-2026-11-28-090203.jpg'],
    ['image/webp', 'screenshot-2026-11-28-090203.webp'],
    ['', 'screenshot-2026-11-28-090203.png']
  ])('of type “%s” is named %s, in local time', (type, name) => {
    expect(screenshotName(type, new Date(2026, 10, 28, 9, 2, 3))).toBe(name)
  })
})

describe('names that may hold passwords', () => {
  it.each(['trace.har', 'TRACE.HAR', 'id_rsa', 'id_rsa.pub', '.env', '.env.production', 'server.pem', 'tls.key'])('%s does', name => {
    expect(mayHoldSecrets(name)).toBe(true)
  })

  it.each(['photo.png', 'harbour.txt', 'my_id_rsa.txt', 'prod.env.txt', 'keyboard.pdf', 'key.txt'])('%s does not', name => {
    expect(mayHoldSecrets(name)).toBe(false)
  })
})

describe('admitFiles', () => {
  const file = (name: string, size = 1) => ({ name, size })

  it('a file of exactly 25 MB fits; a larger and an empty one are refused with the reason', () => {
    const files = [
      file('fits.iso', 25 * megabyte),
      file('big.iso', 25 * megabyte + 1),
      file('huge.iso', 300 * megabyte),
      file('empty.txt', 0)
    ]
    expect(admitFiles(files, 0)).toEqual({
      admitted: [files[0]],
      notes: ['“big.iso” and “huge.iso” are larger than 25 MB.', '“empty.txt” is empty.']
    })
  })

  it('a message takes ten files, with those that it has', () => {
    const files = Array.from({ length: 5 }, (_, index) => file(`${index}.txt`))
    expect(admitFiles(files, 5)).toEqual({ admitted: files, notes: [] })
    expect(admitFiles(files, 6)).toEqual({
      admitted: files.slice(0, 4),
      notes: ['A message has at most 10 files: 1 file was not added.']
    })
    expect(admitFiles(files, 12)).toEqual({ admitted: [], notes: ['A message has at most 10 files: 5 files were not added.'] })
  })
})

describe('readDroppedFiles', () => {
  const asEntry = (file: File): DroppedEntry => ({ name: file.name, isDirectory: false, file: success => success(file) })
  // Chromium returns at most 100 entries of a folder at a time.
  const folder = (name: string, children: DroppedEntry[]): DroppedEntry => ({
    name,
    isDirectory: true,
    createReader: () => {
      const portions = [children.slice(0, 100), children.slice(100), []]
      return { readEntries: success => success(portions.shift() ?? []) }
    }
  })
  const named = (name: string) => new File(['x'], name)

  it('the files of folders and of their folders are flattened, and the folders are named', async () => {
    const dropped = [
      asEntry(named('a.txt')),
      folder('logs', [asEntry(named('b.txt')), folder('older', [asEntry(named('c.txt'))]), folder('none', [])]),
      named('d.txt')
    ]
    const { files, folders } = await readDroppedFiles(dropped)
    expect(files.map(({ name }) => name)).toEqual(['a.txt', 'b.txt', 'c.txt', 'd.txt'])
    expect(folders).toEqual(['logs'])
  })

  it('a large folder is read in portions, and only the beginning of a huge one', async () => {
    const numbered = (count: number) => Array.from({ length: count }, (_, index) => asEntry(named(`${index}.txt`)))
    expect((await readDroppedFiles([folder('large', numbered(150))])).files).toHaveLength(150)
    expect((await readDroppedFiles([folder('huge', numbered(1_000))])).files).toHaveLength(200)
  })

  it('a file that cannot be read rejects', async () => {
    const broken: DroppedEntry = { name: 'x', isDirectory: false, file: (_, failure) => failure(new Error('gone')) }
    await expect(readDroppedFiles([broken])).rejects.toThrow('gone')
  })
})

describe('the files of a message', () => {
  const file = (id: string, fields: Partial<Attachment> = {}) => ({ id, ticket_id: 't', reply_id: 'r', name: id, ...fields }) as Attachment

  it('a new file is appended, a changed one replaced in its place, and a deleted one dropped', () => {
    const files = [file('a'), file('b')]
    expect(applyAttachmentChange(files, { file: file('c'), isDeleted: false }).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(applyAttachmentChange(files, { file: file('a', { removed_at: 'now' }), isDeleted: false })).toEqual([
      file('a', { removed_at: 'now' }),
      file('b')
    ])
    expect(applyAttachmentChange(files, { file: { id: 'a', ticket_id: 't', reply_id: 'r' }, isDeleted: true })).toEqual([file('b')])
  })

  it('a broadcast of the reply without its files keeps them', () => {
    expect(joinAttachments([file('a')], [])).toEqual([file('a')])
    expect(joinAttachments([file('a')], [file('a', { name: 'new' }), file('b')])).toEqual([file('a', { name: 'new' }), file('b')])
  })
})

describe('how files look', () => {
  it.each([
    [1, '1 byte'],
    [812, '812 bytes'],
    [34_000, '33 kB'],
    [1_048_300, '1 MB'],
    [1_500_000, '1.4 MB'],
    [26_214_400, '25 MB']
  ])('%i bytes are shown as %s', (bytes, text) => {
    expect(fileSize(bytes)).toBe(text)
  })

  it('each kind of file has its icon', () => {
    expect(
      ['image/png', 'application/zip', 'text/csv', 'application/pdf', 'application/json', 'application/octet-stream'].map(fileIcon)
    ).toEqual([
      'i-lucide-file-image',
      'i-lucide-file-archive',
      'i-lucide-file-spreadsheet',
      'i-lucide-file-text',
      'i-lucide-file-code',
      'i-lucide-file'
    ])
  })

  it('only formats that every browser shows safely are images', () => {
    expect(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml', 'image/tiff', 'text/html'].filter(isImage)).toEqual([
      'image/png',
      'image/jpeg',
      'image/gif',
      'image/webp'
    ])
  })

  it('the time of today is shown without its date', () => {
    const noon = new Date(2026, 10, 28, 12, 0)
    const at = (hour: number, day = 28) => new Date(2026, 10, day, hour, 12).toISOString()
    expect(timeOrDate(at(10), noon.getTime())).toMatch(/10:12/)
    expect(timeOrDate(at(10), noon.getTime())).not.toMatch(/2026/)
    expect(timeOrDate(at(10, 27), noon.getTime())).toMatch(/2026/)
  })
})

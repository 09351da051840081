import { expect, test } from 'vitest'
import { imageAddressesIn, parseImageAddress } from '#shared/article'
import { admitImages, findImageMarks, imageMark, imageMarkdown, shiftPosition } from '~/utils/article/article-image'

const id = '11111111-2222-4333-8444-555555555555'
const file = (name: string, type = 'image/png', size = 5) => ({ name, type, size })

test('the mark of a picture is found again in a text, whatever its name', () => {
  for (const name of ['a.png', 'Screen [1](x) 2.png', '`a`.png', '[].png', '…](#upload-x).png']) {
    const mark = imageMark({ id: 'k-1', name })
    const text = `before ${mark} after`
    expect(findImageMarks(text), name).toMatchObject([{ id: 'k-1', mark }])
  }
  expect(findImageMarks('![Uploading a](https://x.test)')).toEqual([])
})

test('the Markdown of a picture has its name as description, and its size', () => {
  expect(imageMarkdown('Screen [1].png', `images/${id}.png`, { width: 640, height: 480 })).toBe(`![Screen 1](images/${id}.png#640x480)`)
  expect(imageMarkdown('[].png', `images/${id}.png`, null)).toBe(`![picture](images/${id}.png)`)
  expect(parseImageAddress(`images/${id}.png#640x480`)).toEqual({ id, size: { width: '640', height: '480' } })
  expect(parseImageAddress(`images/${id}.png#0x480`)).toBeNull()
  expect(imageAddressesIn(`![](images/${id}.png#1x1) ![](images/${id}.png) myimages/${id}.png`)).toEqual([`images/${id}.png`])
})

test('only pictures up to 25 MB are added, at most twenty at once, and the rest is named', () => {
  const { admitted, notes } = admitImages([
    file('a.png'),
    file('b.svg', 'image/svg+xml'),
    file('c.pdf', 'application/pdf'),
    file('d.png', 'image/png', 26_214_401),
    file('e.gif', 'image/gif', 0)
  ])
  expect(admitted.map(({ name }) => name)).toEqual(['a.png'])
  expect(notes).toEqual([
    '“b.svg” and “c.pdf” are not PNG, JPEG, GIF or WebP pictures.',
    '“d.png” is larger than 25 MB.',
    '“e.gif” is empty.'
  ])
  const many = admitImages(Array.from({ length: 25 }, (_, index) => file(`${index}.png`)))
  expect([many.admitted.length, many.notes]).toEqual([20, ['Only the first 20 pictures were added.']])
})

test('the cursor keeps its place when a mark before it is replaced', () => {
  const replaced = { start: 10, end: 20, length: 4 }
  expect([5, 10, 15, 20, 30].map(position => shiftPosition(position, replaced))).toEqual([5, 10, 14, 14, 24])
})

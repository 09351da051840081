import { describe, expect, test } from 'vitest'
import { inlineTypes } from '#shared/attachment'
import { detectContentType } from '#server/domain/attachment/content-type'

const type = (content: string | number[], declared?: string) =>
  detectContentType(typeof content === 'string' ? Buffer.from(content) : Uint8Array.from(content), declared)

const png = [
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0, 0, 0, 0
]

describe('detectContentType', () => {
  test.each([
    ['an HTML document', '<!DOCTYPE html><p>x', 'text/html'],
    ['HTML behind blanks and a byte order mark', '\ufeff \n\t<HTML>', 'text/html'],
    ['a script', '<script>alert(1)</script>', 'text/html'],
    ['a comment before HTML', '<!-- x --><html>', 'text/html'],
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'image/svg+xml'],
    ['an SVG behind an XML declaration', '<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
    ['XHTML', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', 'application/xhtml+xml'],
    ['other XML', '<?xml version="1.0"?><feed/>', 'text/xml'],
    ['plain text', 'Hello <b>you</b>', 'text/plain'],
    ['text in UTF-8', 'Grüße 👋', 'text/plain'],
    ['UTF-16 with its mark', [0xff, 0xfe, 0x41, 0], 'text/plain'],
    ['bytes that are not UTF-8', [0xc3, 0x28, 0x41], 'application/octet-stream'],
    ['controls', [0x41, 0x00, 0x42], 'application/octet-stream'],
    ['a PNG', png, 'image/png'],
    ['a PDF', '%PDF-1.7\n', 'application/pdf'],
    ['an executable', [0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0], 'application/x-msdownload'],
    ['a GIF with a script', 'GIF89a/*<script>alert(1)</script>*/', 'image/gif']
  ])('recognises %s', async (_, content, expected) => {
    expect(await type(content)).toBe(expected)
  })

  test('a declared type is kept for text and unknown bytes only if no browser renders it', async () => {
    expect(await type('a,b\n1,2', 'text/csv; charset=utf-8')).toBe('text/csv')
    expect(await type([0xc3, 0x28], 'application/x-acme')).toBe('application/x-acme')
    for (const declared of [
      'text/html',
      'image/png',
      'image/svg+xml',
      'application/xhtml+xml',
      'text/xml',
      'text/javascript',
      'application/javascript',
      'application/pdf',
      'multipart/x-mixed-replace',
      'message/rfc822',
      'nonsense',
      'a/b/c',
      'text/"quoted"'
    ])
      expect(await type('harmless', declared), declared).toBe('text/plain')
  })

  test('the declared type never replaces what the content says', async () => {
    expect(await type('<html>', 'text/csv')).toBe('text/html')
    expect(await type(png, 'text/csv')).toBe('image/png')
  })

  test('browsers may show four types of images in a page, and no SVG', () => {
    expect(inlineTypes).toEqual(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])
  })
})

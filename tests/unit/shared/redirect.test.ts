import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownPath } from '#shared/utils/redirect'

describe('ownPath, the path to return to after sign-in', () => {
  it('ownPath accepts paths of this site with query and fragment', () => {
    for (const path of ['/', '/tickets', '/tickets?status=open&page=2', '/invitations/abc#top']) expect(ownPath(path)).toBe(path)
  })

  it('ownPath refuses paths that lead to another host', () => {
    const hostile = [
      '//evil.test',
      '/\\evil.test',
      '\\/evil.test',
      '/\t/evil.test',
      '/\n/evil.test',
      'https://evil.test',
      'javascript:alert(1)',
      '/..//evil.test',
      '/.//evil.test',
      'evil.test',
      '',
      ' /tickets'
    ]
    for (const value of hostile) expect(ownPath(value), value).toBeNull()
  })

  it('ownPath refuses values that are not text', () => {
    for (const value of [undefined, null, 7, ['/tickets'], { path: '/tickets' }]) expect(ownPath(value)).toBeNull()
  })

  it('ownPath accepts a full URL of this origin, and of no other', () => {
    expect(ownPath('http://localhost:3000/invitations/abc', 'http://localhost:3000')).toBe('/invitations/abc')
    expect(ownPath('http://localhost:3000.evil.test/', 'http://localhost:3000')).toBeNull()
    expect(ownPath('http://localhost:3000//evil.test', 'http://localhost:3000')).toBeNull()
  })

  it('ownPath never leaves the origin for any input', () => {
    const piece = fc.constantFrom('/', '\\', '.', '..', '@', ':', '?', '#', '\t', '\n', '%2f', 'evil.test', 'a')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), pieces => {
        const path = ownPath(pieces.join(''))
        if (path !== null) expect(new URL(path, 'http://site.test').origin).toBe('http://site.test')
      }),
      { numRuns: 3_000 }
    )
  })
})

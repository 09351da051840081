import { describe, expect, test } from 'vitest'
import { portalPlaceOf } from '#server/utils/portal-place'

describe('portalPlaceOf', () => {
  test.each([
    ['/portal', { page: 'teams', slug: null }],
    ['/portal/', { page: 'teams', slug: null }],
    ['/portal/acme?state=open', { page: 'list', slug: 'acme' }],
    ['/portal/acme/new', { page: 'new', slug: 'acme' }],
    ['/portal/acme/012', { page: 'ticket', slug: 'acme', number: 12 }],
    ['/p/acme/12?k=x', { page: 'link', slug: 'acme', number: 12 }],
    ['/p/acme/follow?k=x', { page: 'follow', slug: 'acme' }],
    ['/help/acme?lang=de', { page: 'help', slug: 'acme' }],
    ['/help/acme/search?q=x', { page: 'help-search', slug: 'acme' }],
    ['/help/acme/articles', { page: 'help-articles', slug: 'acme' }],
    ['/help/acme/articles/search', { page: 'help-article', slug: 'acme', name: 'search' }],
    ['/help/acme/categories/vpn/', { page: 'help-category', slug: 'acme', name: 'vpn' }]
  ])('finds the page at %s', (path, place) => {
    expect(portalPlaceOf(path)).toEqual(place)
  })

  test.each([
    '/portal/acme/12/34',
    '/portal/acme/-1',
    '/portal/acme/1e3',
    '/portal/../x',
    '/portal/%2e%2e',
    '/portal/ACME',
    '/p',
    '/p/acme',
    '/p/acme/x',
    '/p/follow',
    '/portal/acme/follow',
    '/help',
    '/help/ACME',
    '/help/acme/x',
    '/help/acme/categories',
    '/help/acme/articles/x/y',
    '/help/acme/articles/%2e%2e',
    '/help/acme/search/x'
  ])('knows no page at %s', path => {
    expect(portalPlaceOf(path)).toBe('unknown')
  })

  test.each(['/', '/tickets', '/portals', '/people', '/api/portal/acme', '//portal', '/help/acme/sitemap.xml', '/helper'])(
    'leaves %s to others',
    path => {
      expect(portalPlaceOf(path)).toBeNull()
    }
  )
})

import { describe, expect, test } from 'vitest'
import { apiDocument } from '#server/openapi/document'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'

describeRouteRights('openapi')

describe('the OpenAPI document', () => {
  const url = () => `${product().baseUrl}/api/openapi.json`

  test('GET /api/openapi.json answers the document that is built from the schemas of the routes', async () => {
    const response = await fetch(url())
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await response.text()).toBe(apiDocument().json)
  })

  test('the OpenAPI document may be cached and answers 304 to its current ETag', async () => {
    const { headers } = await fetch(url())
    const etag = headers.get('etag')!
    expect(headers.get('cache-control')).toContain('public, max-age=300')
    const again = await fetch(url(), { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    expect((await fetch(url(), { headers: { 'if-none-match': '"another"' } })).status).toBe(200)
  })
})

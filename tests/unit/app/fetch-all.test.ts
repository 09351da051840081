import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ofetch } from 'ofetch'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fetchAll } from '~/composables/data/fetchAll'

// Simulates the lists of the API: tests/api/lists.test.ts pins the same behaviour.
const requests: string[] = []
let refusals = 0
let shrinks = false // the first row is deleted after the first page was read
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url!, 'http://x.test')
  requests.push(request.url!)
  const [, count, first] = pathname.split('/').map(Number)
  const rows = Array.from({ length: count! }, (_, index) => index)
  const seen = requests.filter(url => url.includes('page=')).length
  if (shrinks && seen > 1) rows.shift()
  if (refusals > 0 && searchParams.has('page')) {
    refusals--
    return response.writeHead(429, { 'retry-after': '1' }).end()
  }
  const [page, size] = [Number(searchParams.get('page')), Number(searchParams.get('page_size'))]
  response.setHeader('content-type', 'application/json')
  if (!page && count! > first!) response.setHeader('x-truncated', 'true')
  response.end(
    JSON.stringify(
      page ? { data: rows.slice((page - 1) * size, page * size), total: rows.length, page, page_size: size } : rows.slice(0, first)
    )
  )
})

beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  vi.stubGlobal('$fetch', ofetch.create({ baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
})
afterAll(() => {
  vi.unstubAllGlobals()
  server.close()
})

test.each([
  [0, 1000, 1],
  [999, 1000, 1],
  [1000, 1000, 1],
  [1001, 1000, 2],
  [1100, 1000, 3],
  [1234, 1000, 4],
  [1001, 950, 3],
  [205, 1, 4]
])('fetchAll reads a list of %i rows, of which the API answers %i at once, in %i requests', async (count, first, times) => {
  requests.length = 0
  expect(await fetchAll<number>(`/${count}/${first}`, { query: { counts: true } })).toEqual(
    Array.from({ length: count }, (_, index) => index)
  )
  expect(requests).toHaveLength(times)
  for (const url of requests) expect(url).toContain('counts=true')
})

test('fetchAll retries a page that was refused with 429', async () => {
  requests.length = 0
  refusals = 1
  expect(await fetchAll<number>('/1100/1000')).toHaveLength(1100)
  expect(requests).toHaveLength(4)
})

test('fetchAll starts again when the list shrinks while its pages are read', async () => {
  requests.length = 0
  shrinks = true
  expect(await fetchAll<number>('/1350/1000')).toEqual(Array.from({ length: 1349 }, (_, index) => index + 1))
  expect(requests).toHaveLength(1 + 2 + 1 + 4)
})

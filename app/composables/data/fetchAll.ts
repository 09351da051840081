import type { FetchContext, FetchOptions } from 'ofetch'
import type { Page } from '#shared/types/api'

const pageSize = 100

const maxRestarts = 3

type ListOptions = Pick<FetchOptions, 'signal' | 'query'>

/**
 * Fetches all rows of a list. The API truncates a long list (`X-Truncated`); the rest is fetched in pages. If the length of the list
 * changes in between, its pages have shifted, so fetching restarts, at most three times.
 */
export function fetchAll<Row>(url: string, options: ListOptions = {}): Promise<Row[]> {
  return fetchRows(url, options, 0)
}

async function fetchRows<Row>(url: string, options: ListOptions, restarts: number): Promise<Row[]> {
  let isWhole = true
  let expected: number | undefined
  const rows = await $fetch<Row[]>(url, { ...options, onResponse: ({ response }) => void (isWhole = !response.headers.has('x-truncated')) })
  for (let page = Math.floor(rows.length / pageSize) + 1; !isWhole; page++) {
    const query = { ...options.query, page, page_size: pageSize }
    const { data, total } = await $fetch<Page<Row>>(url, { ...options, query, retry: 3, retryDelay: retryAfterMs })
    if (total !== (expected ??= total) && restarts < maxRestarts) return fetchRows(url, options, restarts + 1)
    rows.push(...data.slice(rows.length - (page - 1) * pageSize)) // the first page may overlap with the truncated list
    isWhole = data.length < pageSize
  }
  return rows
}

// In milliseconds. The rate limit is 10 MB per ten seconds and person.
function retryAfterMs({ response }: FetchContext): number {
  return 1000 * Number(response?.headers.get('retry-after') ?? 0)
}

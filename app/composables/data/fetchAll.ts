import type { FetchContext, FetchOptions } from 'ofetch'
import type { Page } from '#shared/types/api'

const pageSize = 100

const maxRestarts = 3

type ListOptions = Pick<FetchOptions, 'signal' | 'query'>

/**
 * All rows of a list. The API answers the first of them and says whether there are more, which come in pages. If the length of
 * the list changes meanwhile, its pages have shifted: starts again, three times at most.
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
    const { data, total } = await $fetch<Page<Row>>(url, { ...options, query, retry: 3, retryDelay: askedDelay })
    if (total !== (expected ??= total) && restarts < maxRestarts) return fetchRows(url, options, restarts + 1)
    rows.push(...data.slice(rows.length - (page - 1) * pageSize)) // the first page may begin with rows that are there
    isWhole = data.length < pageSize
  }
  return rows
}

// In milliseconds. Rate limit: 10 MB in ten seconds for a person.
function askedDelay({ response }: FetchContext): number {
  return 1000 * Number(response?.headers.get('retry-after') ?? 0)
}

import type { FetchContext, FetchOptions } from 'ofetch'
import type { Page } from '#shared/types/api'

const pageSize = 100

const maxRestarts = 3

/**
 * All rows of a list: the API answers the first of them at once, and says whether there are more, which come in pages. Begins
 * anew, three times at most, where the list has got longer or shorter meanwhile: its pages have shifted.
 */
export async function fetchAll<Row>(url: string, options: Pick<FetchOptions, 'signal' | 'query'> = {}, restarts = 0): Promise<Row[]> {
  let isWhole = true
  let expected: number | undefined
  const rows = await $fetch<Row[]>(url, { ...options, onResponse: ({ response }) => void (isWhole = !response.headers.has('x-truncated')) })
  for (let page = Math.floor(rows.length / pageSize) + 1; !isWhole; page++) {
    const query = { ...options.query, page, page_size: pageSize }
    const { data, total } = await $fetch<Page<Row>>(url, { ...options, query, retry: 3, retryDelay: askedDelay })
    if (total !== (expected ??= total) && restarts < maxRestarts) return fetchAll(url, options, restarts + 1)
    rows.push(...data.slice(rows.length - (page - 1) * pageSize)) // the first page may begin with rows that are there
    isWhole = data.length < pageSize
  }
  return rows
}

// In milliseconds. A person is answered 10 MB in ten seconds: a longer list goes on in the next ten.
function askedDelay({ response }: FetchContext): number {
  return 1000 * Number(response?.headers.get('retry-after') ?? 0)
}

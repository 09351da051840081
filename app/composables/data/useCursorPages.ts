import type { CursorPage } from '#shared/types/api'
import type { LiveOptions } from './useLive'

const maxPageSize = 100 // the limit of the API

export interface CursorPagesOptions<Row> extends Omit<LiveOptions<CursorPage<Row>>, 'empty' | 'load'> {
  pageSize: number
  /** The toast after an older page could not be loaded. */
  failure: string
}

/** A live list with cursor paging, newest first; see `useLive`. */
export function useCursorPages<Row extends { id: string | number }>(
  path: MaybeRefOrGetter<string | null>,
  { pageSize, failure, ...options }: CursorPagesOptions<Row>
) {
  const live = useLive<CursorPage<Row>>(path, {
    ...options,
    empty: () => ({ data: [], next_cursor: null }),
    load: async (url, request, current) => {
      const page = await fetchPage(url, '', sizeFor(current()), request.signal)
      return joinPages(page, current()) // read after the response: an older page may have been appended
    }
  })
  const { data: pages, url, queryKey, isStale } = live

  const { run: more, pending: isLoadingMore } = useAction(
    async () => {
      const [requestedKey, cursor] = [queryKey.value, pages.value.next_cursor]
      if (cursor === null || isStale.value) return
      const page = await fetchPage(url.value, cursor, pageSize)
      if (requestedKey !== queryKey.value || cursor !== pages.value.next_cursor) return
      pages.value = { data: [...pages.value.data, ...page.data], next_cursor: page.next_cursor }
    },
    { failure }
  )

  /** Fetches a page with the current query; the empty cursor means the first page. */
  function fetchPage(from: string, cursor: string, size: number, signal?: AbortSignal): Promise<CursorPage<Row>> {
    return $fetch<CursorPage<Row>>(from, { query: { ...options.query?.(), page_size: size, cursor }, signal })
  }

  // As many rows as are shown. If that is the whole list, one page more, so that new rows push none out.
  function sizeFor({ data, next_cursor }: CursorPage<Row>): number {
    return Math.min(maxPageSize, next_cursor === null ? data.length + pageSize : Math.max(data.length, pageSize))
  }

  return {
    ...live,
    more,
    isLoadingMore,
    rows: computed({
      get: () => pages.value.data,
      set: data => void (pages.value = { ...pages.value, data })
    }),
    hasMore: computed(() => pages.value.next_cursor !== null)
  }
}

/** The new first page, followed by the older rows that are already shown. */
function joinPages<Row extends { id: string | number }>(first: CursorPage<Row>, shown: CursorPage<Row>): CursorPage<Row> {
  const place = shown.data.findIndex(({ id }) => id === first.data.at(-1)?.id)
  const older = first.next_cursor !== null && place >= 0 ? shown.data.slice(place + 1) : []
  return older.length ? { data: [...first.data, ...older], next_cursor: shown.next_cursor } : first
}

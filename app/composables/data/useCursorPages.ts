import type { CursorPage } from '#shared/types/api'
import type { LiveOptions } from './useLive'

const largestPage = 100 // rows, for every list of the API

export interface CursorPagesOptions<Row> extends Omit<LiveOptions<CursorPage<Row>>, 'empty' | 'load'> {
  pageSize: number
  /** The toast when an older page was not loaded. */
  failure: string
}

/** A list of the API that comes newest first and page by page, kept current as `useLive` keeps a value. */
export function useCursorPages<Row extends { id: string | number }>(
  path: MaybeRefOrGetter<string | null>,
  { pageSize, failure, ...options }: CursorPagesOptions<Row>
) {
  const live = useLive<CursorPage<Row>>(path, {
    ...options,
    empty: () => ({ data: [], next_cursor: null }),
    load: async (url, request, current) => {
      const page = await fetchPage(url, '', sizeFor(current()), request.signal)
      return joinPages(page, current()) // not what was shown before the request: an older page may have come meanwhile
    }
  })
  const { data: pages, url, question, isStale } = live

  const { run: more, pending: isLoadingMore } = useAction(
    async () => {
      const [asked, cursor] = [question.value, pages.value.next_cursor]
      if (cursor === null || isStale.value) return
      const page = await fetchPage(url.value, cursor, pageSize)
      if (asked !== question.value || cursor !== pages.value.next_cursor) return
      pages.value = { data: [...pages.value.data, ...page.data], next_cursor: page.next_cursor }
    },
    { failure }
  )

  /** A page of the list as it is asked for now; the empty cursor begins with the newest. */
  function fetchPage(from: string, cursor: string, size: number, signal?: AbortSignal): Promise<CursorPage<Row>> {
    return $fetch<CursorPage<Row>>(from, { query: { ...options.query?.(), page_size: size, cursor }, signal })
  }

  // As many as are shown; a page more where all of them are, so that new ones push none out.
  function sizeFor({ data, next_cursor }: CursorPage<Row>): number {
    return Math.min(largestPage, next_cursor === null ? data.length + pageSize : Math.max(data.length, pageSize))
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

/** The first page as it is now, with the older rows behind it that are shown already. */
function joinPages<Row extends { id: string | number }>(first: CursorPage<Row>, shown: CursorPage<Row>): CursorPage<Row> {
  const place = shown.data.findIndex(({ id }) => id === first.data.at(-1)?.id)
  const older = first.next_cursor !== null && place >= 0 ? shown.data.slice(place + 1) : []
  return older.length ? { data: [...first.data, ...older], next_cursor: shown.next_cursor } : first
}

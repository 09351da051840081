import type { ArticleSummary, Page } from '#shared/types/api'

const debounceMs = 200
const limit = 8

/** The published articles whose title contains all words of `text`; without words those that changed last. */
export function useArticleSearch(text: () => string) {
  const q = refDebounced(
    computed(() => text().trim().slice(0, 200)),
    debounceMs
  )
  const { data, isLoading, error } = useLive<Page<ArticleSummary>>('articles', {
    empty: () => ({ data: [], total: 0, page: 1, page_size: limit }),
    query: () => ({ ...(q.value && { q: q.value }), state: 'published', page: 1, page_size: limit })
  })

  return { articles: computed(() => data.value.data), isLoading, error }
}

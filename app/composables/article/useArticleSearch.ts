import type { ArticleSummary, Page } from '#shared/types/api'

const debounceMs = 200
const limit = 8

/** The first published articles with all words of `text` in a title; for an empty text, those that changed last. */
export function useArticleSearch(text: () => string, isEnabled: () => boolean = () => true) {
  const typed = computed(() => text().trim().slice(0, 200))
  const q = refDebounced(typed, debounceMs)
  const { data, isLoaded, isLoading, isStale, error } = useLive<Page<ArticleSummary>>(() => (isEnabled() ? 'articles' : null), {
    empty: () => ({ data: [], total: 0, page: 1, page_size: limit }),
    query: () => ({ ...(q.value && { q: q.value }), state: 'published', page: 1, page_size: limit })
  })

  return {
    articles: computed(() => data.value.data),
    /** Whether the articles are those of the current text. */
    isCurrent: computed(() => q.value === typed.value && isLoaded.value && !isStale.value && !isLoading.value),
    isLoading,
    error
  }
}

import type { ArticleSuggestions } from '#shared/types/api'

const debounceMs = 200
const maxLength = 500

/** The articles that may answer `text`, the best first; none for an empty text. */
export function useArticleSuggestions(text: () => string) {
  const typed = computed(() => text().trim().slice(0, maxLength))
  const q = refDebounced(typed, debounceMs)
  const { data, isLoaded, isLoading, isStale, error } = useLive<ArticleSuggestions>(() => (q.value ? 'articles/suggest' : null), {
    empty: () => ({ articles: [] }),
    query: () => ({ q: q.value })
  })

  return {
    suggestions: computed(() => (q.value ? data.value.articles : [])),
    /** Whether they belong to the current text. */
    isCurrent: computed(() => q.value === typed.value && (!q.value || (isLoaded.value && !isStale.value && !isLoading.value))),
    error
  }
}

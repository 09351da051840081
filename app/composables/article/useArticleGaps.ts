import type { ArticleGap } from '#shared/types/api'

/** What the knowledge base lacks, what happened most often first. */
export function useArticleGaps() {
  const { data, isLoaded, error, refresh } = useLive<{ gaps: ArticleGap[] }>('articles/gaps', { empty: () => ({ gaps: [] }) })

  return { gaps: computed(() => data.value.gaps), isLoaded, error, refresh }
}

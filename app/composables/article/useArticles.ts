import type { ArticleSummary, Page } from '#shared/types/api'
import type { ArticleListQuery } from '~/utils/article/article-query'

/** One page of the team's articles, live. */
export function useArticles(query: Ref<ArticleListQuery>) {
  const { data, isLoaded, isStale, error, refresh } = useLive<Page<ArticleSummary>>('articles', {
    empty: () => ({ data: [], total: 0, page: 1, page_size: articlePageSize }),
    query: () => articleApiQuery(query.value),
    tables: { articles: true }
  })

  return { articles: computed(() => data.value.data), total: computed(() => data.value.total), isLoaded, isStale, error, refresh }
}

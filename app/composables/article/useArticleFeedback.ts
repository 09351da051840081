import type { ArticleFeedback, Page } from '#shared/types/api'

const pageSize = 20

/** What readers of an article did not find, the newest first, by pages. */
export function useArticleFeedback(articleId: string) {
  const page = ref(1)
  const { data, isLoaded, error, refresh } = useLive<Page<ArticleFeedback>>(`articles/${articleId}/feedback`, {
    empty: () => ({ data: [], total: 0, page: 1, page_size: pageSize }),
    query: () => ({ with_text: 'true', page: page.value, page_size: pageSize })
  })

  return { texts: computed(() => data.value.data), total: computed(() => data.value.total), page, pageSize, isLoaded, error, refresh }
}

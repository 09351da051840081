import type { ArticleTicket, Page } from '#shared/types/api'

const pageSize = 20

/** The tickets that cite an article, the last cited first, by pages, live while they are shown. */
export function useArticleTickets(articleId: string, isShown: () => boolean) {
  const page = ref(1)
  const { data, isLoaded, error, refresh } = useLive<Page<ArticleTicket>>(`articles/${articleId}/tickets`, {
    empty: () => ({ data: [], total: 0, page: 1, page_size: pageSize }),
    query: () => ({ page: page.value, page_size: pageSize }),
    tables: { ticket_articles: isShown }
  })

  return { tickets: computed(() => data.value.data), total: computed(() => data.value.total), page, pageSize, isLoaded, error, refresh }
}

import type { ArticleListQuery } from '~/utils/article/article-query'

/** The list of articles in the URL, and a function to narrow it. */
export function useArticleListRoute() {
  const route = useRoute()
  const router = useRouter()
  const steps = useRouteSteps()

  const query = computed<ArticleListQuery>(previous => {
    const next = parseArticleQuery(route.query)
    return previous && JSON.stringify(previous) === JSON.stringify(next) ? previous : next
  })

  /** Changes the search or the filters, and goes to the first page unless `patch` contains a page. */
  function narrow(patch: Partial<ArticleListQuery>): void {
    steps.enqueue(current => router.replace({ query: articleAddress({ ...parseArticleQuery(current), page: 1, ...patch }) }))
  }

  return { query, narrow }
}

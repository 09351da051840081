import type { ArticleCategoryCreate, ArticleCategoryUpdate } from '#shared/schemas/article'
import type { ArticleCategory } from '#shared/types/api'

/** The categories of the help centre in their order, live; shared by the list of articles, their editor and their form. */
export const useArticleCategories = createSharedComposable(() => {
  const {
    data: categories,
    url,
    isLoaded,
    error,
    refresh
  } = useLive<ArticleCategory[]>('article-categories', {
    empty: () => [],
    tables: { article_categories: true, articles: true },
    load: fetchAll
  })

  async function create(body: ArticleCategoryCreate): Promise<void> {
    await $fetch(url.value, { method: 'POST', body })
    await refresh()
  }

  async function update(id: string, body: ArticleCategoryUpdate): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'PATCH', body })
    await refresh()
  }

  /** Moves a category to a position, which counts from 1. */
  async function move(id: string, position: number): Promise<void> {
    const others = categories.value.filter(category => category.id !== id)
    const moved = categories.value.find(category => category.id === id)
    if (!moved) return
    await optimistic(categories, others.toSpliced(position - 1, 0, moved), () =>
      $fetch(`${url.value}/${id}`, { method: 'PATCH', body: { position } })
    )
  }

  async function remove(id: string): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'DELETE' })
    await refresh()
  }

  return { categories, isLoaded, error, refresh, create, update, move, remove }
})

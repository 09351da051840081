import type { ArticleDeletion, ArticleUpdate } from '#shared/schemas/article'
import type { Locale } from '#shared/texts/locale'
import type { Article, ArticleDraft } from '#shared/types/api'

/** An article with its texts, live. Saved drafts are not broadcast: the article is fetched again when the window gets the focus. */
export function useArticle(id: string) {
  let isDeleted = false // the broadcast of the deletion comes before the page is left
  const {
    data: article,
    url,
    isLoaded,
    error,
    refresh,
    refetch
  } = useLive<Article | null>(`articles/${id}`, { empty: () => null, tables: { articles: () => !isDeleted } })
  useEventListener(window, 'focus', refetch)

  async function update(body: ArticleUpdate): Promise<void> {
    article.value = await $fetch<Article>(url.value, { method: 'PATCH', body })
  }

  async function rename(locale: Locale, slug: string): Promise<void> {
    article.value = await $fetch<Article>(`${url.value}/translations/${locale}`, { method: 'PATCH', body: { slug } })
  }

  async function publish(locale: Locale, version: number, note: string | null): Promise<void> {
    article.value = await $fetch<Article>(`${url.value}/publications/${locale}`, { method: 'PUT', body: { version, note } })
  }

  async function unpublish(locale: Locale): Promise<void> {
    await $fetch(`${url.value}/publications/${locale}`, { method: 'DELETE' })
    await refresh()
  }

  async function remove(query: ArticleDeletion): Promise<void> {
    isDeleted = true
    try {
      await $fetch(url.value, { method: 'DELETE', query })
    } catch (error) {
      isDeleted = false
      throw error
    }
  }

  /** Shows a draft that was saved or restored. A language that this begins is fetched. */
  function showDraft(locale: Locale, draft: ArticleDraft): void {
    const now = article.value
    if (!now?.translations.some(translation => translation.locale === locale)) return void refresh()
    article.value = { ...now, translations: now.translations.map(each => (each.locale === locale ? { ...each, draft } : each)) }
  }

  return { article, url, isLoaded, error, refresh, update, rename, publish, unpublish, remove, showDraft }
}

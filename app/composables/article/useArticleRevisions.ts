import type { Locale } from '#shared/texts/locale'
import type { ArticleDraft, ArticleRevision, ArticleRevisionText } from '#shared/types/api'

/** The revisions of one language of an article, the newest first, live while they are shown; and their texts, which never change. */
export function useArticleRevisions(articleId: string, { locale, isShown }: { locale: () => Locale; isShown: () => boolean }) {
  const {
    data: revisions,
    url,
    isLoaded,
    error,
    refresh
  } = useLive<ArticleRevision[]>(`articles/${articleId}/revisions`, {
    empty: () => [],
    query: () => ({ locale: locale() }),
    keepStale: false,
    tables: { articles: isShown },
    load: fetchAll
  })
  const texts = new Map<string, ArticleRevisionText>()

  async function load(id: string): Promise<ArticleRevisionText> {
    const known = texts.get(id)
    if (known) return known
    const text = await $fetch<ArticleRevisionText>(`${url.value}/${id}`)
    texts.set(id, text)
    return text
  }

  /** Makes a revision the draft, which has `version` now. */
  async function restore(id: string, version: number): Promise<ArticleDraft> {
    const draft = await $fetch<ArticleDraft>(`${url.value}/${id}/restore`, { method: 'POST', body: { version } })
    await refresh()
    return draft
  }

  return { revisions, isLoaded, error, refresh, load, restore }
}

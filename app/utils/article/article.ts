import type { ArticleAudience, ArticleState } from '#shared/article'
import type { Article, ArticleSummary } from '#shared/types/api'

/** What agents read about an audience. */
export const audienceTexts: Record<ArticleAudience, { label: string; description: string; icon: string }> = {
  public: { label: 'Everybody', description: 'Anybody on the internet, and search engines', icon: 'i-lucide-globe' },
  clients: { label: 'Clients', description: 'Contacts who are signed in to the portal', icon: 'i-lucide-users' },
  internal: { label: 'Team only', description: 'Members of the team', icon: 'i-lucide-lock' }
}

/** How agents see the state of an article. */
export const articleStateTexts: Record<ArticleState, { label: string; description: string; icon: string; class: string }> = {
  draft: { label: 'Draft', description: 'No reader sees it yet', icon: 'i-lucide-circle-dashed', class: 'text-muted' },
  published: { label: 'Published', description: 'Readers see the draft', icon: 'i-lucide-circle-check', class: 'text-success' },
  changed: { label: 'Changed', description: 'Readers see an earlier text', icon: 'i-lucide-circle-dot', class: 'text-warning' },
  archived: { label: 'Archived', description: 'No reader sees it', icon: 'i-lucide-archive', class: 'text-muted' }
}

interface Translation {
  has_changes: boolean
}

export function articleState(
  article: Pick<ArticleSummary, 'archived_at' | 'is_published'> & { translations: Translation[] }
): ArticleState {
  if (article.archived_at) return 'archived'
  if (!article.is_published) return 'draft'
  return article.translations.some(({ has_changes }) => has_changes) ? 'changed' : 'published'
}

/** The state of one language of an article. */
export function translationState({ published, draft }: Article['translations'][number]): Exclude<ArticleState, 'archived'> {
  if (!published) return 'draft'
  return draft?.has_changes ? 'changed' : 'published'
}

/** The title of the first language that has one. */
export function articleTitle({ translations }: Pick<ArticleSummary, 'translations'>): string {
  return translations.find(({ title }) => title !== '')?.title ?? untitled
}

export const untitled = 'Untitled'

/** When the article was last edited, and by whom. For callers who may not edit it, when it was last published. */
export function lastEdit(article: Pick<ArticleSummary, 'translations' | 'updated_at'>): { at: string; by: string | null } {
  const [last] = article.translations
    .flatMap(({ edited_at, edited_by }) => (edited_at ? [{ at: edited_at, by: edited_by?.full_name ?? null }] : []))
    .toSorted((one, other) => other.at.localeCompare(one.at))
  return last ?? { at: article.updated_at, by: null }
}

/** "82 %" of the readers who answered found it helpful; null without an answer. */
export function helpfulShare({ answers, helpful }: ArticleSummary['feedback']): string | null {
  return answers === 0 ? null : `${Math.round((100 * helpful) / answers)} %`
}

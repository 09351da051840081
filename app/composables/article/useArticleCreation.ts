import type { ArticleCreate } from '#shared/schemas/article'
import type { Article } from '#shared/types/api'

const isOpen = ref(false)

/** Adds articles. `isOpen` is the state of the dialog that belongs to the list of articles and can open with it. */
export function useArticleCreation() {
  const { teamId } = useTeam()

  function create(body: Partial<ArticleCreate>): Promise<Article> {
    return $fetch<Article>(`/api/teams/${teamId.value}/articles`, { method: 'POST', body })
  }

  return { isOpen, create }
}

import type { Article, TicketRow } from '#shared/types/api'

/** Drafts articles from resolved tickets. */
export function useArticleFromTicket() {
  const { teamId } = useTeam()
  const citations = useCitations()
  const toast = useToast()

  const { run: draft, pending } = useAction(
    async ({ id }: TicketRow) => {
      try {
        const article = await $fetch<Article>(`/api/teams/${teamId.value}/tickets/${id}/article-draft`, { method: 'POST' })
        citations.announce(id)
        offer('An article was drafted', 'Read what was taken from the ticket before you publish it.', article.id)
      } catch (error) {
        const known = codeOf(error) === 'already_drafted' ? apiErrorOf(error)?.data.article_id : undefined
        if (typeof known !== 'string') throw error
        offer('An article was drafted from this ticket already', undefined, known)
      }
    },
    { failure: 'No article was drafted' }
  )

  function offer(title: string, description: string | undefined, articleId: string): void {
    toast.add({
      title,
      description,
      icon: 'i-lucide-book-open',
      actions: [{ label: 'Open the draft', to: articlePagePath(articleId) }]
    })
  }

  return { draft: (ticket: TicketRow) => (pending.value ? undefined : draft(ticket)) }
}

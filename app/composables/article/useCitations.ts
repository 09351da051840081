import type { CitedArticle } from '#shared/types/api'

// Own changes are shown before they are broadcast.
const localChanges = createEventHook<string>()

/** What tickets cite, and who cites it. */
export function useCitations() {
  const { teamId } = useTeam()
  const { onTable } = useRealtime()

  const url = (ticketId: string, articleId: string) => `/api/teams/${teamId.value}/tickets/${ticketId}/articles/${articleId}`

  async function cite(ticketId: string, articleId: string): Promise<CitedArticle> {
    const cited = await $fetch<CitedArticle>(url(ticketId, articleId), { method: 'PUT' })
    void localChanges.trigger(ticketId)
    return cited
  }

  async function remove(ticketId: string, articleId: string): Promise<void> {
    await $fetch(url(ticketId, articleId), { method: 'DELETE' })
    void localChanges.trigger(ticketId)
  }

  /** Calls `handler` with the id of a ticket that cites other articles than before. */
  function onChange(handler: (ticketId: string) => void): void {
    onTable('ticket_articles', ({ record }) => handler(record.ticket_id))
    const { off } = localChanges.on(handler)
    tryOnScopeDispose(off)
  }

  return { cite, remove, onChange, announce: (ticketId: string) => void localChanges.trigger(ticketId) }
}

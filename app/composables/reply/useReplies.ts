import type { ReplyCreate } from '#shared/schemas/reply'
import type { Reply } from '#shared/types/api'

/** The conversation of a ticket, oldest first, live. The empty id is no ticket. */
export function useReplies(ticketId: Ref<string>, options: { onInsert?: (reply: Reply) => void } = {}) {
  const { teamId } = useTeam()
  const { onResync } = useRealtime()
  const replies = shallowRef<Reply[]>([])
  const isLoaded = ref(false)

  const url = (id = ticketId.value) => `/api/teams/${teamId.value}/tickets/${id}/replies`

  const { error, isLoading, refresh, refetch } = useResource(
    async signal => {
      replies.value = await fetchAll<Reply>(url(), { signal })
      isLoaded.value = true
    },
    { isWanted: () => ticketId.value !== '' }
  )

  watch(
    ticketId,
    () => {
      replies.value = []
      isLoaded.value = false
      void refresh()
    },
    { immediate: true }
  )

  onResync(refetch)
  useRealtimeReplies(replies, { ticketId: () => ticketId.value, onInsert: options.onInsert })

  /** Throws 409 `thread_changed` when somebody has written since `base_reply_id`; the newer replies are then shown. */
  async function send(reply: ReplyCreate, to = ticketId.value): Promise<Reply> {
    const sent = await $fetch<Reply>(url(to), { method: 'POST', body: reply, pinned: ['base_reply_id', 'draft_version'] })
    show(sent)
    return sent
  }

  async function remove(reply: Reply): Promise<void> {
    await $fetch(`${url()}/${reply.id}`, { method: 'DELETE' })
    replies.value = applyReplyChange(replies.value, { operation: 'DELETE', record: reply })
  }

  function show(...newer: Reply[]): void {
    replies.value = newer
      .filter(reply => reply.ticket_id === ticketId.value)
      .reduce((list, record) => applyReplyChange(list, { operation: 'INSERT', record }), replies.value)
  }

  return { replies, isLoaded, isLoading, error, refresh, send, remove, show }
}

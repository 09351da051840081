import type { ReplyCreate } from '#shared/schemas/reply'
import type { Reply } from '#shared/types/api'

/** The conversation of a ticket, oldest first, live. An empty id means no ticket. */
export function useReplies(ticketId: Ref<string>, options: { onInsert?: (reply: Reply) => void } = {}) {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const {
    data: replies,
    url,
    isLoaded,
    isLoading,
    error,
    refresh,
    refetch
  } = useLive<Reply[]>(() => (ticketId.value ? `tickets/${ticketId.value}/replies` : null), { empty: () => [], load: fetchAll })

  useRealtimeReplies(replies, { ticketId: () => ticketId.value, onInsert: options.onInsert })
  useAttachmentChanges().onChange(change => {
    const { ticket_id, reply_id } = change.file
    if (ticket_id !== ticketId.value || reply_id === null) return
    const isKnown = replies.value.some(reply => reply.id === reply_id)
    if (isLoading.value || !isKnown) refetch()
    else
      replies.value = replies.value.map(reply =>
        reply.id === reply_id ? { ...reply, attachments: applyAttachmentChange(reply.attachments, change) } : reply
      )
  })
  onTable('ticket_replies', ({ record }) => {
    if (isLoading.value && record.ticket_id === ticketId.value) refetch() // the pending response may lack it
  })
  onResync(refetch)

  /** Throws 409 `thread_changed` with the newer replies if there are any after `base_reply_id`. */
  async function send(reply: ReplyCreate, to = ticketId.value): Promise<Reply> {
    const sent = await $fetch<Reply>(`/api/teams/${teamId.value}/tickets/${to}/replies`, {
      method: 'POST',
      body: reply,
      pinned: ['base_reply_id', 'draft_version']
    })
    show(sent)
    return sent
  }

  async function remove(reply: Reply): Promise<void> {
    await $fetch(`${url.value}/${reply.id}`, { method: 'DELETE' })
    replies.value = applyReplyChange(replies.value, { operation: 'DELETE', record: reply })
  }

  function show(...newer: Reply[]): void {
    replies.value = newer
      .filter(reply => reply.ticket_id === ticketId.value)
      .reduce((list, record) => applyReplyChange(list, { operation: 'INSERT', record }), replies.value)
  }

  return { replies, isLoaded, isLoading, error, refresh, send, remove, show }
}

import type { Ref } from 'vue'
import type { Reply } from '#shared/types/api'

export interface RealtimeRepliesOptions {
  /** The ticket of the conversation; by default that of the first reply. */
  ticketId?: () => string
  onInsert?: (reply: Reply) => void
}

/** Applies replies that anybody writes or deletes to a conversation. */
export function useRealtimeReplies(replies: Ref<Reply[]>, options: RealtimeRepliesOptions = {}): void {
  const { onTable } = useRealtime()

  onTable('ticket_replies', change => {
    const ticketId = options.ticketId?.() ?? replies.value[0]?.ticket_id
    if (change.record.ticket_id !== ticketId) return
    const isNew = change.operation === 'INSERT' && !replies.value.some(reply => reply.id === change.record.id)
    replies.value = applyReplyChange(replies.value, change)
    if (isNew) options.onInsert?.(change.record)
  })
}

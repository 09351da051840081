import type { Reply, TicketRow } from './api'

export type RealtimeOperation = 'INSERT' | 'UPDATE' | 'DELETE'

/** What a team's channel and one's own carry, by table. `record` of a DELETE holds the ids alone. */
export interface RealtimeRecords {
  tickets: TicketRow
  ticket_replies: Reply
  ticket_tags: { ticket_id: string; tag: string; id: string }
  canned_responses: { id: string }
  ticket_categories: { id: string }
  ticket_types: { id: string }
  ticket_items: { id: string }
  saved_views: { id: string }
  ticket_followers: { ticket_id: string; user_id: string }
  /** Something happened to the team as a whole: who may read its log asks for it. */
  ticket_events: { team_id: string }
  bulk_operations: { id: string; user_id: string }
  /** Also when one of its deliveries has changed. */
  webhooks: { id: string }
  team_members: { user_id: string }
  teams: { id: string }
  /** On one's own channel: the newest of those that were written or read at once, to be asked for. */
  notifications: { id: string; team_id: string }
}

export type RealtimeTable = keyof RealtimeRecords

export interface RealtimeChange<T extends RealtimeTable = RealtimeTable> {
  table: T
  operation: RealtimeOperation
  record: RealtimeRecords[T]
  /** Columns that an UPDATE changed: a reader of `description` fetches the ticket again. */
  changed?: string[]
}

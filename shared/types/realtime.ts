import type { Attachment, Reply, TicketRow } from './api'

export type RealtimeOperation = 'INSERT' | 'UPDATE' | 'DELETE'

/** The records broadcast on the channels of a team and a person, by table. The `record` of a DELETE has only ids. */
export interface RealtimeRecords {
  tickets: TicketRow
  ticket_replies: Reply
  ticket_attachments: Attachment
  ticket_tags: { ticket_id: string; tag: string; id: string }
  canned_responses: { id: string }
  calendars: { id: string }
  article_categories: { id: string }
  /** Carries no id: members who may read the article fetch it. */
  articles: { team_id: string }
  contacts: { id: string }
  organizations: { id: string }
  projects: { id: string }
  ticket_participants: { ticket_id: string }
  ticket_articles: { ticket_id: string }
  ticket_categories: { id: string }
  ticket_types: { id: string }
  ticket_items: { id: string }
  saved_views: { id: string }
  ticket_followers: { ticket_id: string; user_id: string }
  /** An event of the team. It carries no content: members who may read the audit log fetch it. */
  ticket_events: { team_id: string }
  sla_policies: { id: string }
  sla_simulations: { id: string }
  bulk_operations: { id: string; user_id: string }
  /** Also broadcast when one of its deliveries changes. */
  webhooks: { id: string }
  team_members: { user_id: string }
  teams: { id: string }
  /** On the person's channel: the newest of the notifications that were created or read together; receivers fetch the list. */
  notifications: { id: string; team_id: string }
}

export type RealtimeTable = keyof RealtimeRecords

export interface RealtimeChange<T extends RealtimeTable = RealtimeTable> {
  table: T
  operation: RealtimeOperation
  record: RealtimeRecords[T]
  /** Columns that an UPDATE changed. `description` is not in the record: fetch the ticket if it is listed. */
  changed?: string[]
}

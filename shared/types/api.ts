import type { BulkAction } from '../bulk'
import type { NotificationKind, PreferenceKind } from '../notification'
import type { clientMailKinds, mailLevels, mailStates } from '../mail'
import type { Role, Scope } from '../permissions'
import type { TextFormat } from '../text-format'
import type { ViewFilters } from '../views'
import type { Preferences } from '../schemas/preferences'
import type { jobKinds, jobStates } from '../schemas/job'
import type { ReportWindow } from '../utils/report'
import type { TicketPriority, TicketStatus } from '../schemas/ticket'
import type { DeliveryState, WebhookEvent } from '../schemas/webhook'

/** A person as others see them: never an e-mail address. */
export interface Person {
  id: string
  full_name: string
  avatar_url: string | null
}

export interface Profile extends Person {
  email: string
  last_team_id: string | null
  preferences: Preferences
  created_at: string
  /** The private channel of this person's notifications; it changes when one of their sessions ends. */
  realtime_topic: string
}

export interface Team {
  id: string
  name: string
  slug: string
  time_zone: string
  auto_close_days: number
  created_at: string
  /** The caller's role. */
  role: Role
  /** The private channel that carries this team's changes; it changes when a member is removed. */
  realtime_topic: string
}

/** A service agent works by API keys alone: nobody signs in as it, and it has no e-mail address. */
export type MemberKind = 'person' | 'service'

/** `email` is null for callers without `members.view_emails`, and of service agents. */
export interface Member extends Person {
  kind: MemberKind
  role: Role
  email: string | null
  joined_at: string
}

/** A key by which a program acts for `member`, within their role and these scopes. */
export interface ApiKey {
  id: string
  name: string
  /** Its first characters, to know it by. */
  prefix: string
  scopes: Scope[]
  member: Person & { kind: MemberKind; role: Role }
  /** Who made it, or rotated it last; null when they are gone. */
  created_by: string | null
  /** To the minute. */
  last_used_at: string | null
  created_at: string
  expires_at: string | null
}

/** The only answer that holds the key itself. */
export interface IssuedApiKey extends ApiKey {
  key: string
}

export interface Invitation {
  id: string
  email: string
  role: Role
  invited_by: string | null
  created_at: string
  expires_at: string
}

export interface InvitationPreview {
  team_name: string
  email: string
  role: Role
  invited_by: string | null
  expires_at: string
}

export interface TicketRow {
  id: string
  team_id: string
  ticket_number: number
  subject: string
  /** The first 280 characters of the description. */
  excerpt: string
  /** How the description is to be read. */
  format: TextFormat
  status: TicketStatus
  priority: TicketPriority
  severity: number
  category: string
  /** A type of the category, and an item of the type. */
  type_id: string | null
  item_id: string | null
  category_name: string
  type_name: string | null
  item_name: string | null
  channel: string
  assigned_to: string | null
  /** Put away until this time, or until something new happens in it, by somebody who may have left since; null: it is not. */
  snoozed_until: string | null
  snoozed_by: string | null
  requester_email: string | null
  requester_name: string | null
  resolved_at: string | null
  closed_at: string | null
  first_response_at: string | null
  last_activity_at: string
  created_by: string
  created_at: string
  updated_at: string
  reply_count: number
  version: number
  created_by_name: string | null
  assignee: Person | null
  assignee_name: string | null
  tags: string[]
}

/** A ticket as routes answer it; realtime sends the same row without the description. */
export interface Ticket extends TicketRow {
  description: string
}

/** A list of tickets under a name. */
export interface SavedView {
  id: string
  name: string
  filters: ViewFilters
  is_shared: boolean
  position: number
  /** Its author; null when they have left the team. */
  user_id: string | null
  /** Some of the stored filters are no longer understood, and were left out. */
  is_repaired: boolean
  created_at: string
  updated_at: string
}

/** One change of many tickets, as its author sees it for a day. */
export interface BulkOperation {
  id: string
  action: BulkAction
  value: unknown
  /** `waiting` and `running` go on by themselves; so does `undoing`. `failed` has stopped at `error`, and keeps what was done. */
  status: 'waiting' | 'running' | 'done' | 'failed' | 'undoing' | 'undone'
  /** Tickets that it was asked for, those it has come to, and of these the ones that were not so already. */
  total: number
  processed: number
  updated: number
  /** By undo: tickets that are as before, and those left alone because somebody changed them since. */
  restored: number
  skipped: number
  error: string | null
  created_at: string
  finished_at: string | null
}

/** The answer to a bulk change: made (200), or begun (202). */
export interface BulkAnswer extends Pick<BulkOperation, 'status' | 'total' | 'updated'> {
  operation_id: string
}

/** The answer to an undo: made (200), or begun (202). */
export type BulkUndone = Pick<BulkOperation, 'status' | 'restored' | 'skipped'>

/** A tag, and how many tickets of the team carry it. */
export interface TagCount {
  tag: string
  count: number
}

export type TicketCounts = Record<TicketStatus, number>

/** A line of the dashboard: enough to show a ticket and to open it. */
export type RecentTicket = Pick<
  TicketRow,
  'id' | 'ticket_number' | 'subject' | 'status' | 'priority' | 'created_at' | 'reply_count' | 'assignee' | 'assignee_name'
>

/** The unresolved tickets of one person. */
export interface AgentWorkload {
  user_id: string
  agent_name: string
  avatar_url: string | null
  open_count: number
  in_progress_count: number
  waiting_count: number
}

/** "Open" counts the statuses open and in progress; months are those of the team's time zone. */
export interface TeamStats {
  open_tickets: number
  /** Of the open ones, those that are nobody's. */
  unassigned_tickets: number
  waiting_tickets: number
  /** Resolved since `month_start`, and closed meanwhile or not. */
  resolved_this_month: number
  resolved_last_month: number
  month_start: string
  /** Mean of the tickets resolved this month that were answered, to two decimals; null when there are none. */
  avg_first_response_hours: number | null
  /** Open tickets, the largest category first. */
  tickets_by_category: { category: string; name: string; count: number }[]
  /** Open tickets, the highest priority first. */
  tickets_by_priority: { priority: TicketPriority; count: number }[]
  /** The ten newest. */
  recent_tickets: RecentTicket[]
  /** Whoever has open tickets, the most loaded first. */
  agent_workload: AgentWorkload[]
}

/** What a search found in a ticket. `snippet` is HTML: escaped text, with `<mark>` around what was searched for. */
export interface FoundTicket extends TicketRow {
  rank: number
  snippet: string
}

/** A reply that was found, and the ticket that it stands in. */
export interface FoundReply extends Pick<Reply, 'id' | 'ticket_id' | 'is_internal' | 'created_at' | 'author'> {
  ticket_number: number
  subject: string
  rank: number
  snippet: string
}

export interface SearchResults {
  tickets: FoundTicket[]
  replies: FoundReply[]
}

/** What the holder of a rating link sees: their request, and what they said of it; nulls before they did. */
export interface Rating {
  team_name: string
  ticket_number: number
  subject: string
  score: number | null
  comment: string | null
}

export interface Page<T> {
  data: T[]
  total: number
  page: number
  page_size: number
}
export interface CursorPage<T> {
  data: T[]
  next_cursor: string | null
}

export interface Reply {
  id: string
  team_id: string
  ticket_id: string
  user_id: string
  content: string
  /** How the content is to be read. */
  format: TextFormat
  is_internal: boolean
  created_at: string
  /** Whose words they are. */
  author_kind: 'agent' | 'requester'
  author: ReplyAuthor
  author_name: string
  /** Members whom a token `<@id>` in `content` names, at most 50, by name. Other tokens are text. */
  mentions: Mention[]
}

/** A name after an "@" that several people have, as it was written, and who they are: nobody is mentioned by it. */
export interface AmbiguousMention {
  text: string
  candidates: Mention[]
}

/** The answer to a new reply; `ambiguous` where there are any. */
export interface PostedReply extends Reply {
  ambiguous?: AmbiguousMention[]
}

/** Who has written a reply. The id is null for whoever has no account here: a requester, or an agent of the helpdesk that a ticket was imported from. */
export interface ReplyAuthor extends Omit<Person, 'id'> {
  id: string | null
}

/** Somebody whom a text names; they may have left the team since. */
export type Mention = Pick<Person, 'id' | 'full_name'>

/** What the caller was told of an event. */
export interface Notification {
  id: string
  kind: NotificationKind
  /** Null where it is about the team as a whole; `text` says it then. */
  ticket: { id: string; number: number; subject: string; status: TicketStatus } | null
  /** Null where a job did it, or an account that is no more. */
  actor: Person | null
  /** The API key that acted for the actor, with its maker; absent where they did it in person. */
  via?: string
  /** What was written, where that is the event; `excerpt` is its beginning, as text on one line. */
  reply: { id: string; is_internal: boolean; excerpt: string } | null
  text: string | null
  read_at: string | null
  /** When it happened. */
  created_at: string
}

export interface NotificationPreference {
  kind: PreferenceKind
  in_app: boolean
  mail: boolean
}

/** `is_mail_configured`: whether this server sends any mails. */
export interface NotificationPreferences {
  is_mail_configured: boolean
  preferences: NotificationPreference[]
}

/** Who follows a ticket, and whether the caller does. */
export interface Watch {
  watching: boolean
  watchers: Person[]
}

/** What the caller has written in a ticket and not sent. Routes answer 204 where there is none. */
export interface ReplyDraft {
  ticket_id: string
  content: string
  is_internal: boolean
  /** Another with every change: what `PUT` compares. */
  version: string
  updated_at: string
}

/** A ticket in which the caller has a draft. */
export interface DraftedTicket {
  ticket_id: string
  ticket_number: number
  updated_at: string
}

export interface CannedResponse {
  id: string
  team_id: string
  title: string
  content: string
  category: string | null
  created_by: string
  created_at: string
  updated_at: string
}

/** The first level of routing; tickets carry its key. `position` counts from 1 within the level and parent, without gaps. */
export interface Category {
  id: string
  key: string
  name: string
  portal_name: string | null
  position: number
}

/** The second level: `category_id` is its parent, `category` the parent's key. */
export interface TicketType {
  id: string
  category_id: string
  category: string
  name: string
  position: number
}

/** The third level. */
export interface TicketItem {
  id: string
  type_id: string
  name: string
  position: number
}

/** Where asked for with `counts=true`: how many tickets are routed to it or below it. */
export interface TicketCount {
  ticket_count?: number
}

/**
 * The team's work of the last `window` calendar days of its time zone, today included; where `window` days are compared
 * with those before, both are whole calendar days. A ticket counts as created on the day of its `created_at`, as resolved
 * on that of its `resolved_at` (re-opening takes it away until the ticket is resolved again), as answered on that of its
 * `first_response_at`, the first public reply. "Open" is everything that is neither resolved nor closed, at this moment
 * and whatever its age. Deleted tickets count nowhere. Durations are hours of the clock, weekends included, to two
 * decimals; medians and 90th percentiles interpolate between neighbours and are null where there is nothing to measure.
 */
export interface ReportSummary {
  window: ReportWindow
  time_zone: string
  /** First and last day of the window, YYYY-MM-DD. */
  from: string
  to: string
  /** Tickets created, and tickets resolved, in the window. */
  created: number
  resolved: number
  /** From creation to resolution, of the tickets resolved in the window. */
  median_resolution_hours: number | null
  p90_resolution_hours: number | null
  /** From creation to the first public reply, of the tickets first answered in the window. */
  median_first_response_hours: number | null
  p90_first_response_hours: number | null
  /** The same figures for as many days before the window. */
  previous: { created: number; resolved: number; median_resolution_hours: number | null; median_first_response_hours: number | null }
  /** Open tickets of each severity. */
  open_by_severity: Record<'1' | '2' | '3' | '4' | '5', number>
  /** Open tickets created more than 7, and more than 14, times 24 hours ago; the first includes the second. */
  aging: { over7d: number; over14d: number }
  /** Open tickets of each category, the fullest first. */
  queue_load: { category_id: string; key: string; name: string; open: number }[]
  /** Each day of the window, the oldest first. */
  created_vs_resolved: ReportDay[]
  /** Who resolved most first. */
  per_agent: ReportAgent[]
  /** In the order of the categories. */
  per_category: ReportCategory[]
}

/** `date` is YYYY-MM-DD in the team's time zone. */
export interface ReportDay {
  date: string
  created: number
  resolved: number
}

/**
 * The work of one person: of each owner, admin and member, of everybody else (viewers, former members) who resolved a
 * ticket or wrote a public reply in the window, and, with `user_id` null, the tickets that are nobody's, where there are
 * any. Open tickets and first responses count for whom the ticket is assigned to now, resolutions for whom it was then.
 */
export interface ReportAgent {
  user_id: string | null
  name: string | null
  avatar_url: string | null
  is_member: boolean
  /** Open tickets. */
  assigned_open: number
  /** Tickets resolved in the window. */
  resolved: number
  median_resolution_hours: number | null
  median_first_response_hours: number | null
  /** Public replies written in the window, in whosever tickets. */
  replies: number
}

export interface ReportCategory {
  key: string
  name: string
  created: number
  resolved: number
  open: number
  median_resolution_hours: number | null
}

/** An address that is told of events. */
export interface Webhook {
  id: string
  name: string
  url: string
  events: WebhookEvent[]
  is_active: boolean
  /** When and why the server has switched it off: it kept failing for 75 hours, or answered 410. Null where a person did. */
  disabled_at: string | null
  disabled_reason: 'failing' | 'gone' | null
  /** The first of the failures since the last success. */
  failing_since: string | null
  /** Null where the account is gone. */
  created_by: Person | null
  created_at: string
  updated_at: string
  last_delivery: Pick<WebhookDelivery, 'id' | 'type' | 'state' | 'last_status' | 'last_error' | 'created_at'> | null
}

/** As it is created, or its secret rotated: the secret is shown this once. */
export interface WebhookWithSecret extends Webhook {
  secret: string
}

/** Why an attempt failed; `switched_off`: it was not tried any more. */
export type WebhookError =
  'timeout' | 'refused' | 'dns' | 'tls' | 'private_address' | 'redirect' | 'status' | 'gone' | 'too_large' | 'protocol' | 'switched_off'

/** An event on its way to a webhook. */
export interface WebhookDelivery {
  /** `webhook-id` of every attempt. */
  id: string
  type: WebhookEvent | 'ping'
  /** Null for a test. */
  event_id: number | null
  ticket_number: number | null
  state: DeliveryState
  attempts: number
  next_attempt_at: string | null
  /** The status of the last answer, null where none came. */
  last_status: number | null
  last_error: WebhookError | null
  delivered_at: string | null
  created_at: string
}

export interface WebhookAttempt {
  number: number
  started_at: string
  duration_ms: number
  status: number | null
  error: WebhookError | null
  /** The first 4 kB of the answer. */
  response: string | null
}

export interface WebhookDeliveryDetail extends WebhookDelivery {
  /** The body, byte for byte. */
  payload: string
  /** The newest first. */
  tries: WebhookAttempt[]
}

/** Something that waits to be done for a team, or has failed. */
/** Mails to people who have not answered the team, in 24 hours. */
export interface BudgetUse {
  size: number
  used: number
  /** When there is room again; null while there is. */
  frees_at: string | null
}

export interface MailBudget {
  /** How far the team is trusted: by its age, and by how many people answered it. */
  level: (typeof mailLevels)[number]
  /** People who accepted an invitation or rated a ticket; 50 at most are counted. */
  answers: number
  invitations: BudgetUse
  client_mails: BudgetUse
}

/** A mail about a ticket to its client. */
export interface TicketMail {
  id: string
  kind: (typeof clientMailKinds)[number]
  recipient: string
  state: (typeof mailStates)[number]
  /** Why it was not sent, or not yet. */
  reason: string | null
  created_at: string
  next_attempt_at: string | null
  sent_at: string | null
}

/** Where the answers of clients go. */
export interface ReplyAddress {
  /** The address in use, proven by a link in a mail. */
  email: string | null
  /** One that waits for its proof. */
  pending_email: string | null
  pending_until: string | null
}

/** What the holder of a link that proves a reply address sees. */
export interface ReplyAddressProof {
  team_name: string
  email: string
}

/** What the holder of a link that ends the mails of a team sees. */
export interface Unsubscription {
  team_name: string
}

export interface Job {
  /** The kind, a hyphen, and its id in its queue. */
  id: string
  kind: (typeof jobKinds)[number]
  /** The type of the event or delivery, the kind of mail, the action of a bulk change. */
  type: string
  /** The ticket, the recipient, the webhook, or how far a bulk change has come; null for what concerns the whole team. */
  about: string | null
  state: (typeof jobStates)[number]
  attempts: number
  /** Null where nothing will try it again by itself. */
  next_attempt_at: string | null
  error: string | null
  created_at: string
}

/** What runs by the clock (five fields of cron, in UTC), for all teams. */
export interface Schedule {
  name: string
  cron: string
  completed_at: string | null
  failed_at: string | null
}

/** At most 100 jobs: failures first, then what comes next. */
export interface Jobs {
  counts: Record<Job['state'], number>
  jobs: Job[]
  schedules: Schedule[]
}

export interface Issue {
  path: string
  message: string
}

/** The body of every error answer. */
export interface ApiError {
  statusCode: number
  statusMessage: string
  message: string
  data: { code: string; issues?: Issue[]; [key: string]: unknown }
}

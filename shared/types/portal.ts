import type { TicketPriority, TicketStatus } from '../ticket'
import type { TextFormat } from '../text-format'

export type PortalLocale = 'en' | 'de'

export interface PortalTeamChoice {
  id: string
  name: string
  slug: string
}

export interface PortalTeam extends PortalTeamChoice {
  /** `#rrggbb`; null for the colour of the product. */
  color: string | null
  /** The languages that its help centre offers. */
  help_locales: PortalLocale[]
}

export interface PortalClient {
  name: string | null
  locale: PortalLocale | null
  time_zone: string | null
  /** Whether they opened the link to one ticket, and have not signed in. */
  is_session: boolean
  /** The number of that ticket. */
  ticket_number: number | null
  /** Whether the team lets clients see and choose the priority of their tickets. */
  chooses_priority: boolean
}

export interface PortalTicketRow {
  ticket_number: number
  subject: string
  status: TicketStatus
  /** Null if the team does not show it. */
  priority: TicketPriority | null
  category_name: string | null
  requester_name: string | null
  is_own: boolean
  /** Whether the last public message is from the team. */
  is_answered: boolean
  /** What the client has not seen: a reply of the team, or a status that somebody else set; null for nothing. */
  news: 'answer' | 'status' | null
  created_at: string
  activity_at: string
}

export interface PortalFile {
  id: string
  name: string
  /** Bytes. */
  size: number
  content_type: string
}

export interface PortalTicket {
  number: number
  subject: string
  /** Null for a participant who was added later and may not read it. */
  description: string | null
  format: TextFormat
  status: TicketStatus
  /** Null if the team does not show it. */
  priority: TicketPriority | null
  category_name: string | null
  project_name: string | null
  requester_name: string | null
  is_own: boolean
  created_at: string
  activity_at: string
  /** Until when the team promises an answer; null if it shows none, if nobody waits or if the time is over. */
  answer_due_at: string | null
  files: PortalFile[]
  /** What the client was asked about the resolution, and their answer; null for no question. `until`: when the answer becomes final. */
  /** A member of the team has opened the ticket since the client's last message, which is its last. */
  is_seen: boolean
  rating: { score: number | null; comment: string | null; until: string | null } | null
}

export interface PortalReply {
  id: string
  author_name: string
  is_team: boolean
  is_own: boolean
  content: string
  format: TextFormat
  created_at: string
  files: PortalFile[]
}

/** Somebody whom the requester of a ticket wants in copy. */
export interface PortalInvitation {
  id: string
  /** Shortened: `m…@mail.test`. */
  address: string
  /** Whether they take part. Otherwise the invitation waits. */
  is_confirmed: boolean
}

export interface PortalCategory {
  key: string
  name: string
}

export interface PortalProject {
  id: string
  name: string
}

export const portalStates = ['all', 'waiting', 'open', 'resolved'] as const
export type PortalState = (typeof portalStates)[number]

/** Why a form was refused, or a field of it. `seconds`: when to try again. */
export interface PortalProblem {
  kind:
    | 'required'
    | 'too_long'
    | 'email'
    | 'category'
    | 'project'
    | 'priority'
    | 'score'
    | 'rating_final'
    | 'own_address'
    | 'is_requester'
    | 'already_participant'
    | 'no_mailbox'
    | 'invitation_limit'
    | 'file_too_large'
    | 'too_many_files'
    | 'file_empty'
    | 'infected'
    | 'unscanned'
    | 'rate_limited'
    | 'closed'
    | 'open'
    | 'link'
    | 'unavailable'
    | 'failed'
  seconds?: number
  /** The largest number of characters. */
  max?: number
  /** Of an infected file. */
  name?: string
}

/** What a person typed into a form that was refused, and why; by field, and '' for the form. */
export interface PortalForm {
  values: Record<string, string>
  problems: Record<string, PortalProblem>
  /** Whether files were chosen: the page cannot keep them. */
  hadFiles?: boolean
}

/** An article in a list of the help centre. */
export interface HelpEntry {
  slug: string
  title: string
  /** The language of this article: another one than that of the page if it is not translated. */
  locale: PortalLocale
}

export interface HelpCategory {
  slug: string
  name: string
}

export interface HelpArticle extends HelpEntry {
  /** Markdown. */
  content: string
  category: HelpCategory | null
  published_at: string
  /** Its other languages. */
  languages: HelpEntry[]
  /** Whether anybody may read it. */
  is_public: boolean
}

/** A piece of a text; `marked` if it matches the search. */
interface HelpPiece {
  text: string
  marked: boolean
}

export type HelpView =
  | { page: 'help'; sections: (HelpCategory & { entries: HelpEntry[]; total: number })[]; entries: HelpEntry[]; total: number }
  | {
      page: 'help-list'
      category: HelpCategory | null
      entries: HelpEntry[]
      total: number
      /** The numbers of the pages before and after this one. */
      before: number | null
      after: number | null
    }
  | { page: 'help-article'; article: HelpArticle; address: string; rated: 'yes' | 'no' | 'sent' | null; form: PortalForm }
  | { page: 'help-search'; q: string; found: (HelpEntry & { marked: HelpPiece[]; snippet: HelpPiece[] })[] }

/** What a page of the portal shows. The server finds it before the page is rendered. */
export type PortalView =
  | HelpView
  | { page: 'teams' }
  | { page: 'sign-in'; isSent: boolean; next: string | null; backTo: number | null; form: PortalForm }
  | { page: 'confirm'; tokenHash: string; next: string | null; form: PortalForm }
  | { page: 'link'; number: number; contactName: string; token: string; form: PortalForm }
  | { page: 'follow'; number: number; inviterName: string; address: string; token: string }
  | {
      page: 'list'
      state: PortalState
      category: string | null
      q: string
      tickets: PortalTicketRow[]
      categories: PortalCategory[]
      nextPage: string | null
      /** Whether an article answered the question, so that they sent nothing. */
      isAnswered: boolean
    }
  | {
      page: 'new'
      categories: PortalCategory[]
      projects: PortalProject[]
      form: PortalForm
      similar: { number: number; seconds: number } | null
    }
  | {
      page: 'ticket'
      ticket: PortalTicket
      replies: PortalReply[]
      invitations: PortalInvitation[]
      form: PortalForm
      done: string | null
    }
  | { page: 'problem'; problem: PortalPageProblem; seconds?: number; path: string; signIn: string | null; sent: SentValues | null }

/** Why a page cannot show what was asked for. */
export type PortalPageProblem =
  | 'missing'
  | 'no_article'
  | 'link'
  | 'invitation'
  | 'not_client'
  | 'signed_out'
  | 'rate_limited'
  | 'unavailable'
  | 'refused'
  | 'conflict'
  | 'too_large'
  | 'unreadable'
  | 'waiting_file'
  | 'failed'

/** The fields of a form that could not be handled, so that it can be sent again. */
export interface SentValues {
  values: Record<string, string>
  hadFiles: boolean
}

export interface PortalPage {
  view: PortalView
  locale: PortalLocale
  /** The zone of the times on the page. */
  timeZone: string
  team: PortalTeam | null
  client: PortalClient | null
  /** The teams where the account is a client; empty for a ticket session. */
  teams: PortalTeamChoice[]
  /** The language that the reader chose on a page of the help centre; null for that of their account or browser. */
  chosenLocale: PortalLocale | null
  /** Of what a ticket shows; '' on other pages. */
  etag: string
  /** The address of portal/script.ts. */
  script: string
}

import { ticketPriorities } from '../ticket'
import { locales } from '../texts/locale'
import { portalStates } from '../types/portal'
import { pageNumber } from './page'
import { maxReply } from './reply'
import { draftText, email, line, prose, uuid, visible } from './text'
import { z } from './zod'

/** The code of a problem is the message: the portal has its own sentences for them, in the language of the client. */
const content = prose(maxReply, 'Reply')

export const portalReply = z.object({ content })

export const portalTicketCreate = z.object({
  subject: line(255, 'Subject'),
  description: prose(50_000, 'Description'),
  category: z.union([z.literal('').transform(() => null), z.string().max(50)]).default(null),
  project_id: z.union([z.literal('').transform(() => null), uuid]).default(null),
  priority: z.enum(ticketPriorities).nullable().default(null),
  /** A second request with the same subject, after the question. */
  confirmed: z
    .literal('yes')
    .optional()
    .transform(value => value === 'yes')
})

export type PortalTicketCreate = z.output<typeof portalTicketCreate>

export const portalRating = z.object({
  score: z.enum(['1', '2', '3', '4', '5']).transform(Number),
  comment: z.preprocess(text => (typeof text === 'string' && text.trim() ? text : null), prose(1_000, 'Comment').nullable())
})

export type PortalRating = z.output<typeof portalRating>

export const portalSignIn = z.object({ email })

export const portalInvitation = z.object({ email })

export const portalWithdrawal = z.object({ invitation: uuid })

const place = /^[01]:-?\d{1,12}(?:\.\d{1,9})?:\d{1,9}$/

/** The address of a list. What nobody could have clicked counts as absent. */
export const portalListQuery = z.object({
  state: z.enum(portalStates).catch('all'),
  category: z.string().min(1).max(50).nullable().catch(null),
  q: z
    .string()
    .transform(text => text.replaceAll('\0', '').trim().slice(0, 200))
    .catch(''),
  after: z.string().regex(place).nullable().catch(null)
})

export type PortalListQuery = z.output<typeof portalListQuery>

/** The number of a ticket in an address: `12` or `012`. */
export const portalNumber = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number)

/** What a client is typing. */
export const portalSuggestionQuery = z.strictObject({
  q: draftText(500, 'Text').refine(q => q.trim() !== '', 'Say what you look for'),
  lang: z.enum(locales)
})

const articleSlugs = z
  .string()
  .transform(text => text.split(' '))
  .pipe(
    z
      .array(z.string().regex(/^[a-z0-9-]{1,100}$/))
      .min(1)
      .max(3)
  )

/** The suggestions that a client has seen beside the form of a new request. */
export const portalSuggestions = z.object({ form: uuid, suggested: articleSlugs })

/** A client says that an article answered their question. */
export const portalAnswered = z.object({
  form: uuid,
  question: z.string().transform(text => text.slice(0, 500)),
  answered: z.string().regex(/^[a-z0-9-]{1,100}$/)
})

// Queries of the help centre: what nobody could have clicked counts as absent.

export const helpQuery = z.object({
  lang: z.enum(locales).nullable().catch(null),
  rated: z.enum(['yes', 'no', 'sent']).nullable().catch(null)
})

export const helpListQuery = z.object({ page: pageNumber.catch(1) })

export const helpSearchQuery = z.object({
  q: draftText(200)
    .transform(q => q.trim())
    .catch('')
})

/** What a visitor says about an article. */
export const helpAnswer = z.object({
  helpful: z.enum(['yes', 'no']),
  missing: z.preprocess(text => (typeof text === 'string' && visible.test(text) ? text : null), prose(2_000, 'Text').nullable())
})

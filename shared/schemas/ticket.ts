import { z } from './zod'
import { defaultSort, maxTags, naturalOrder, ticketPriorities, ticketSorts, ticketStatuses } from '../ticket'
import { maxPasted, maxTyped, parseSearch, ticketReference } from '../utils/search-query'
import { cursorFields, cursorListQuery, listQuery, pageFields } from './page'
import { uploadIds } from './attachment'
import { anyOf, email, instant, line, timestamp, prose, textFormat, uuid, wholeNumber } from './text'

export * from '../ticket'

export const ticketStatus = z.enum(ticketStatuses, 'Not a ticket status')
export const ticketPriority = z.enum(ticketPriorities, 'Not a ticket priority')
export const severity = z
  .number('Severity must be a number')
  .int('Severity must be whole')
  .min(1, 'Severity is 1 to 5')
  .max(5, 'Severity is 1 to 5')

export const subject = line(255, 'Subject')
export const description = prose(50_000, 'Description') // longer texts are attachments; keeps broadcasts small
export const categoryKey = z.string('Category must be text').regex(/^[a-z][a-z0-9_]{0,49}$/, 'Not a category key')
export const tag = line(50, 'Tag')
  .transform(value => value.toLowerCase().normalize('NFC'))
  .refine(value => [...value].length <= 50, 'Tag must be at most 50 characters') // lower-casing can add characters
  .refine(value => !value.includes(','), 'A tag cannot contain a comma')
export const tags = z
  .array(tag)
  .max(maxTags, `At most ${maxTags} tags`)
  .transform(values => [...new Set(values)])

/** When the snooze ends: in the future and at most a year ahead, by the clock of the database. Null wakes the ticket. */
export const snoozedUntil = timestamp.nullable()

const itemWithoutType = { path: ['item_id'], error: 'An item needs its type: set type_id as well' }
const requesterName = line(200, 'Requester name').nullable()
const requesterEmail = email.nullable()

export const ticketFields = z.strictObject({
  subject,
  description,
  /** How to display the description: `text` exactly as written, or `markdown`. */
  format: textFormat.default('text'),
  status: ticketStatus.default('open'),
  priority: ticketPriority.default('normal'),
  severity: severity.default(3),
  category: categoryKey.default('other'),
  type_id: uuid.nullable().default(null),
  item_id: uuid.nullable().default(null),
  project_id: uuid.nullable().default(null),
  assigned_to: uuid.nullable().default(null),
  /** The requester; without it, the contact with `requester_email`. */
  contact_id: uuid.nullable().optional(),
  requester_name: requesterName.default(null),
  requester_email: requesterEmail.default(null),
  tags: tags.default([])
})

export const ticketCreate = ticketFields
  .extend({ upload_ids: uploadIds.optional() })
  .refine(({ type_id, item_id }) => type_id !== null || item_id === null, itemWithoutType)

export const ticketUpdate = z
  .strictObject({
    subject,
    description,
    format: textFormat,
    status: ticketStatus,
    priority: ticketPriority,
    severity,
    category: categoryKey,
    type_id: uuid.nullable(),
    item_id: uuid.nullable(),
    project_id: uuid.nullable(),
    assigned_to: uuid.nullable(),
    snoozed_until: snoozedUntil,
    contact_id: uuid.nullable(),
    requester_name: requesterName,
    requester_email: requesterEmail,
    tags,
    add_tags: tags,
    remove_tags: tags,
    version: z.number().int().min(1)
  })
  .partial()
  .refine(({ tags, add_tags, remove_tags }) => !tags || !(add_tags || remove_tags), {
    path: ['tags'],
    error: 'Replace all tags, or add and remove some'
  })
  .refine(({ type_id, item_id }) => type_id !== null || !item_id, itemWithoutType)

const severityText = z
  .string()
  .regex(/^[1-5]$/, 'Severity is 1 to 5')
  .transform(Number)

/** A search as typed: words and operators with valid values, see shared/utils/search-query.ts. */
const searchText = z
  .string('Search for text')
  .trim()
  .refine(value => value.length <= maxTyped || (value.length <= maxPasted && ticketReference(value) !== undefined), {
    error: `Search for at most ${maxTyped} characters`,
    abort: true
  })
  .refine(value => !value.includes('\0') && value.isWellFormed(), { error: 'Contains characters that cannot be searched', abort: true })
  .check(context => {
    for (const message of parseSearch(context.value).issues) context.issues.push({ code: 'custom', input: context.value, message })
  })

/** Filters of a ticket list and its counts. For changes and exports use `finishedFilter`. */
export const ticketFilter = z
  .strictObject({
    status: anyOf(ticketStatus),
    priority: anyOf(ticketPriority),
    severity: anyOf(severityText),
    category: anyOf(categoryKey),
    type_id: anyOf(uuid),
    item_id: anyOf(uuid),
    project_id: anyOf(uuid),
    contact_id: anyOf(uuid).describe('The requester.'),
    assigned_to: anyOf(z.union([uuid, z.enum(['me', 'none'])], 'Not a member id, "me" or "none"')),
    created_by: anyOf(z.union([uuid, z.literal('me')], 'Not a member id or "me"')),
    tag: anyOf(tag),
    snoozed: z.enum(['true', 'false'], 'Either true or false').transform(value => value === 'true'),
    awaiting: z
      .enum(['us', 'client'], 'Either us or client')
      .describe(
        '`us`: a client waits for a public answer. `client`: the last answer was ours, and the ticket is neither resolved nor closed.'
      ),
    created_from: instant,
    created_to: instant,
    resolved_from: instant,
    resolved_to: instant,
    last_activity_from: instant,
    last_activity_to: instant,
    q: searchText
  })
  .partial()

/** Counts are per status, so they take no status filter. */
export const ticketCountsQuery = ticketFilter.omit({ status: true })

export const ticketQuery = cursorListQuery(
  ticketFilter
    .extend({
      sort: z.enum(ticketSorts, 'Not a sortable column').default(defaultSort),
      order: z.enum(['asc', 'desc']).optional(),
      ...cursorFields
    })
    .transform(query => ({ ...query, order: query.order ?? naturalOrder(query.sort) }))
)

/** Suggests tags that contain a word beginning with `q`. */
export const tagQuery = listQuery(
  z
    .strictObject({
      q: z
        .string('Must be text')
        .trim()
        .max(50, 'Search for at most 50 characters')
        .refine(value => !value.includes('\0') && value.isWellFormed(), 'Contains characters that cannot be searched')
        .optional()
        .transform(value => value || undefined),
      limit: wholeNumber(1, 100).optional().describe('A whole number from 1 to 100; 20 by default. Not allowed with `page`.'),
      ...pageFields
    })
    .refine(({ page, limit }) => page === undefined || limit === undefined, { path: ['limit'], message: 'Use either page or limit' })
).transform(({ limit = 20, ...query }) => ({ ...query, limit }))

/** Embeds the replies of a ticket on request. */
export const ticketInclude = z.strictObject({ include: anyOf(z.enum(['replies'], 'Only replies can be included')).optional() })

/** Filters for changes and exports: rejects an operator without a value, which would select every ticket. */
export const finishedFilter = ticketFilter.extend({
  q: searchText
    .check(context => {
      for (const message of parseSearch(context.value).unfinished) context.issues.push({ code: 'custom', input: context.value, message })
    })
    .optional()
})

export const searchQuery = z.strictObject({
  q: searchText,
  limit: wholeNumber(1, 50).default(20).describe('A whole number from 1 to 50; 20 by default.')
})

/** The query of an export: a list without pages. */
export const ticketExport = finishedFilter
  .extend({
    sort: z.enum(ticketSorts, 'Not a sortable column').default(defaultSort),
    order: z.enum(['asc', 'desc']).optional()
  })
  .transform(query => ({ ...query, order: query.order ?? naturalOrder(query.sort) }))

export type TicketCreate = z.output<typeof ticketCreate>
export type TicketUpdate = z.output<typeof ticketUpdate>
export type TicketFilter = z.output<typeof ticketFilter>
export type TicketQuery = z.output<typeof ticketQuery>
export type SearchRequest = z.output<typeof searchQuery>
export type TagQuery = z.output<typeof tagQuery>
export type TicketExport = z.output<typeof ticketExport>

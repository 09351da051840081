import { z } from './zod'
import type { TextFormat } from '#shared/text-format'
import type { Issue } from '#shared/types/api'
import { replyCreate } from './reply'
import { email, line, visible } from './text'
import { ticketCreate, type TicketCreate } from './ticket'

/** Limits of one record of an import file, in bytes and replies. A longer conversation continues in further records. */
export const maxImportBytes = 1_000_000
export const maxImportReplies = 1_000

/** An instant in ISO 8601; null if the source has none. */
type Time = string | null

/** The author of a reply: the requester, or an agent given by address or name. */
export type ImportAuthor = { kind: 'requester'; name?: string } | { kind: 'agent'; email?: string; name?: string }

/** A request that is ready to be imported. */
export interface ImportRequest {
  source_id: string
  ticket: Omit<TicketCreate, 'category' | 'type_id' | 'item_id' | 'assigned_to'> & {
    /** The key or name of a category. */
    category: string
    /** The names of a type of the category and an item of the type; both are optional. */
    route: string[]
    /** The address or name of a member. */
    assignee: string | null
    created_at: Time
    resolved_at: Time
    closed_at: Time
    snoozed_until: Time
  }
  replies: ImportReply[]
}

export interface ImportReply {
  /** Its path within the record, for error messages. */
  path: string
  content: string
  format: TextFormat
  is_internal: boolean
  created_at: Time
  /** Null stands for the importing member. */
  author: ImportAuthor | null
}

interface ReadResult {
  /** Names of unknown fields. */
  ignored: string[]
  /** Replies that were skipped, with the reason. */
  notes: Issue[]
  /** Whether the conversation continues in the next record. */
  continues: boolean
}

/** Either a request or its validation issues. */
export type ImportReading = (ReadResult & { request: ImportRequest; hasBody: boolean }) | { issues: Issue[] }

/** Either further replies or their validation issues. */
export type ImportPartReading = (ReadResult & { replies: ImportReply[] }) | { issues: Issue[] }

export interface ImportOptions {
  /** Converts HTML to text; undefined if it is nested too deeply. */
  htmlToText: (html: string) => string | undefined
}

/** The id of the request in the source: text, or a whole number, which equals the text of its digits. */
export const sourceId = z.preprocess(value => (Number.isSafeInteger(value) ? String(value) : value), line(200, 'Id'))

const time = z.iso.datetime({ offset: true, error: 'Not an ISO 8601 time with a time zone' })
const anyTime = time.nullable()
const pastTime = time.refine(value => Date.parse(value) <= Date.now(), 'Is in the future').nullable()

const named = z.object({ name: z.unknown(), email: z.unknown() }).partial()
const requester = z.union(
  [named, z.string().transform(text => (text.includes('@') ? { email: text } : { name: text }))],
  'Requester must be text or an object with name and email'
)

const personName = line(320, 'Name')
const author = z.union(
  [
    z
      .object({ kind: z.enum(['agent', 'requester'], 'Kind is agent or requester'), name: personName, email })
      .partial()
      .refine(({ name, email }) => name ?? email, 'Needs a name or an email'),
    line(320, 'Author').transform((text): { kind?: ImportAuthor['kind']; name?: string; email?: string } =>
      email.safeParse(text).success ? { email: text.toLowerCase() } : { name: text }
    )
  ],
  'Author must be "requester", a name, an e-mail address, or an object with name and email'
)

const importFormat = z.enum(['text', 'markdown', 'html'], 'Format is text, markdown or html')
const category = line(100, 'Category').default('other')
const route = z.array(line(100, 'Name of a type or item'), 'Route must be a list').max(2, 'Route is a type and an item').default([])
const assignee = line(320, 'Assignee').nullable().default(null)
const replyList = z.array(z.unknown(), 'Replies must be a list').max(maxImportReplies, 'At most 1000 replies; more go into further records')
const continues = z.preprocess(value => (value === 'true' ? true : value === 'false' ? false : value), z.boolean('Must be true or false'))

const known = new Set([
  'id',
  'subject',
  'title',
  'description',
  'body',
  'format',
  'replies',
  'status',
  'priority',
  'severity',
  'category',
  'route',
  'assignee',
  'tags',
  'requester',
  'requester_name',
  'requester_email',
  'created_at',
  'resolved_at',
  'closed_at',
  'snoozed_until',
  'continues'
])
const knownInPart = new Set(['id', 'format', 'replies', 'continues'])
const knownInReply = new Set(['content', 'body', 'format', 'is_internal', 'author', 'created_at'])

type Fields = Record<string, unknown>
type Format = z.output<typeof importFormat>

/**
 * Validates one record of an import file with the schemas of the routes that create tickets and replies. Null counts as absent.
 * A request without a body gets its title as description: senders often write everything in the subject.
 */
export function readImport(value: unknown, options: ImportOptions): ImportReading {
  if (!isRecord(value)) return { issues: [{ path: '', message: 'Not an object' }] }
  const fields = dropAbsent(value)
  const issues: Issue[] = []
  const read = <T>(schema: z.ZodType<T>, input: unknown, name: string): T | undefined => readField(schema, input, name, issues)
  const id = read(sourceId, fields.id ?? '', 'id')
  const format = read(importFormat, fields.format ?? 'text', 'format') ?? 'text'

  const names = { subject: 'subject' in fields ? 'subject' : 'title', description: 'description' in fields ? 'description' : 'body' }
  const body = asText(fields[names.description], format, names.description, { options, issues })
  const hasBody = !isEmpty(body)
  const from = read(requester, fields.requester ?? {}, 'requester')
  const ticket = ticketCreate.safeParse(
    dropAbsent({
      subject: fields[names.subject] ?? '',
      description: hasBody ? body : fields[names.subject],
      format: storedFormat(format),
      status: fields.status,
      priority: fields.priority,
      severity: fields.severity,
      tags: fields.tags,
      requester_name: fields.requester_name ?? from?.name,
      requester_email: fields.requester_email ?? from?.email
    })
  )
  if (!ticket.success) {
    const reported = hasBody ? ticket.error.issues : ticket.error.issues.filter(issue => issue.path[0] !== 'description')
    issues.push(
      ...reported.map(issue => ({
        path: path([names[issue.path[0] as keyof typeof names] ?? issue.path[0]!, ...issue.path.slice(1)]),
        message: issue.message
      }))
    )
  }
  const place = {
    category: read(category, fields.category, 'category') ?? '',
    route: read(route, fields.route, 'route') ?? [],
    assignee: read(assignee, fields.assignee, 'assignee') ?? null
  }
  const times = readTimes(fields, issues)
  const isContinued = read(continues, fields.continues ?? false, 'continues') ?? false

  const replies = readReplies(fields.replies ?? [], { format, requester: ticket.data ?? {}, options, issues })
  if (issues.length > 0 || id === undefined || !ticket.success) return { issues }
  const ignored = [...Object.keys(fields).filter(name => !known.has(name)), ...replies.ignored]
  const { type_id: _, item_id: __, assigned_to: ___, ...words } = ticket.data
  return {
    request: { source_id: id, ticket: { ...words, ...place, ...times }, replies: replies.list },
    ignored,
    hasBody,
    notes: replies.notes,
    continues: isContinued
  }
}

/** Validates a record that continues the conversation of a request. */
export function readImportPart(value: unknown, { ticket }: ImportRequest, options: ImportOptions): ImportPartReading {
  if (!isRecord(value)) return { issues: [{ path: '', message: 'Not an object' }] }
  const fields = dropAbsent(value)
  const issues: Issue[] = []
  const format = readField(importFormat, fields.format ?? 'text', 'format', issues) ?? 'text'
  const isContinued = readField(continues, fields.continues ?? false, 'continues', issues) ?? false
  const replies = readReplies(fields.replies ?? [], { format, requester: ticket, options, issues })
  if (issues.length > 0) return { issues }
  return {
    replies: replies.list,
    ignored: [...Object.keys(fields).filter(name => !knownInPart.has(name)), ...replies.ignored],
    notes: replies.notes,
    continues: isContinued
  }
}

/** Requires created_at ≤ resolved_at ≤ closed_at. */
function readTimes(
  fields: Fields,
  issues: Issue[]
): Pick<ImportRequest['ticket'], 'created_at' | 'resolved_at' | 'closed_at' | 'snoozed_until'> {
  const read = (name: string, schema: z.ZodType<Time>): Time => readField(schema, fields[name] ?? null, name, issues) ?? null
  const times = {
    created_at: read('created_at', pastTime),
    resolved_at: read('resolved_at', pastTime),
    closed_at: read('closed_at', pastTime)
  }
  const requireOrder = (earlier: keyof typeof times, later: keyof typeof times) => {
    const [before, after] = [times[earlier], times[later]]
    if (before && after && Date.parse(after) < Date.parse(before)) issues.push({ path: later, message: `Is before ${earlier}` })
  }
  requireOrder('created_at', 'resolved_at')
  requireOrder('resolved_at', 'closed_at')
  if (!times.resolved_at) requireOrder('created_at', 'closed_at')
  return { ...times, snoozed_until: read('snoozed_until', anyTime) }
}

const emptyReply = 'Is empty, and was left out'

interface Conversation {
  format: Format
  requester: { requester_name?: string | null; requester_email?: string | null }
  options: ImportOptions
  issues: Issue[]
}

function readReplies(
  value: unknown,
  { format, requester, options, issues }: Conversation
): { list: ImportRequest['replies']; ignored: Set<string>; notes: Issue[] } {
  const list: ImportRequest['replies'] = []
  const ignored = new Set<string>()
  const notes: Issue[] = []
  const entries = readField(replyList, value, 'replies', issues) ?? []
  for (const [index, entry] of entries.entries()) {
    const at = `replies[${index}]`
    if (entry !== null && typeof entry !== 'string' && !isRecord(entry)) {
      issues.push({ path: at, message: 'A reply is text or an object' })
      continue
    }
    const fields = dropAbsent(isRecord(entry) ? entry : { content: entry })
    const ownFormat = readField(importFormat, fields.format ?? format, `${at}.format`, issues) ?? format
    const content = asText(fields.content ?? fields.body, ownFormat, at, { options, issues })
    if (isEmpty(content)) {
      notes.push({ path: at, message: emptyReply })
      continue
    }
    const reply = replyCreate.safeParse(dropAbsent({ content, format: storedFormat(ownFormat), is_internal: fields.is_internal }))
    if (!reply.success) collect(issues, reply.error, name => (name === 'is_internal' ? `${at}.is_internal` : at))
    const createdAt = readField(pastTime, fields.created_at ?? null, `${at}.created_at`, issues)
    const by = fields.author === undefined ? null : readAuthor(fields.author, requester, `${at}.author`, issues)
    if (by?.kind === 'requester' && reply.data?.is_internal)
      issues.push({ path: `${at}.author`, message: 'A requester cannot write internal notes' })
    for (const name of Object.keys(fields)) {
      if (!knownInReply.has(name)) ignored.add(`replies[].${name}`)
    }
    if (reply.success)
      list.push({
        path: at,
        content: reply.data.content,
        format: reply.data.format,
        is_internal: reply.data.is_internal,
        created_at: createdAt ?? null,
        author: by
      })
  }
  return { list, ignored, notes }
}

/** An author is the requester if their kind says so, if they are given as "requester", or if their address or name is the requester's. */
function readAuthor(
  value: unknown,
  { requester_name, requester_email }: Conversation['requester'],
  at: string,
  issues: Issue[]
): ImportAuthor | null {
  if (typeof value === 'string' && value.trim().toLowerCase() === 'requester') return { kind: 'requester' }
  const read = readField(author, value, at, issues)
  if (!read) return null
  const isRequester = read.kind
    ? read.kind === 'requester'
    : read.email
      ? read.email === requester_email?.toLowerCase()
      : read.name === requester_name
  return { ...read, kind: isRequester ? 'requester' : 'agent' }
}

function asText(value: unknown, format: Format, name: string, { options, issues }: Pick<Conversation, 'options' | 'issues'>): unknown {
  if (format !== 'html' || typeof value !== 'string') return value
  const text = options.htmlToText(value)
  if (text === undefined) issues.push({ path: name, message: 'HTML is nested too deeply' })
  return text
}

// HTML was converted to text before.
function storedFormat(format: Format): TextFormat {
  return format === 'html' ? 'text' : format
}

function readField<T>(schema: z.ZodType<T>, value: unknown, name: string, issues: Issue[]): T | undefined {
  const parsed = schema.safeParse(value)
  if (!parsed.success) collect(issues, parsed.error, () => name)
  return parsed.data
}

function collect(issues: Issue[], error: z.ZodError, name: (first: PropertyKey | undefined) => string): void {
  issues.push(...error.issues.map(issue => ({ path: name(issue.path[0]), message: issue.message })))
}

function path(parts: PropertyKey[]): string {
  return parts.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`)).join('')
}

function dropAbsent(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))
}

// Also text without a visible character.
function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && !visible.test(value))
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { z } from './zod'
import type { Issue } from '#shared/types/api'
import { replyCreate, type ReplyCreate } from './reply'
import { line } from './text'
import { ticketCreate, type TicketCreate } from './ticket'

/** A request as an import writes it; times are ISO 8601, null where the source does not say. */
export interface ImportRequest {
  source_id: string
  created_at: string | null
  ticket: TicketCreate
  replies: (ReplyCreate & { created_at: string | null })[]
}

/** Either a request, with the names of the fields it does not use, or what is wrong with it. */
export type ImportReading = { request: ImportRequest, ignored: string[], hasBody: boolean } | { issues: Issue[] }

/** The id that the source knows the request by: text, or a whole number, which is the same as its digits. */
export const sourceId = z.preprocess(value => Number.isSafeInteger(value) ? String(value) : value, line(200, 'Id'))

const pastTime = z.iso.datetime({ offset: true, error: 'Not an ISO 8601 time with a time zone' })
  .refine(value => Date.parse(value) <= Date.now(), 'Is in the future')
  .nullable()

const requester = z.union([
  z.object({ name: z.unknown(), email: z.unknown() }).partial(),
  z.string().transform(text => text.includes('@') ? { email: text } : { name: text })
], 'Requester must be text or an object with name and email')

const replyList = z.array(z.unknown(), 'Replies must be a list').max(1_000, 'At most 1000 replies')

const known = new Set(['id', 'subject', 'title', 'description', 'body', 'format', 'replies', 'status', 'priority', 'severity', 'category', 'tags', 'requester', 'requester_name', 'requester_email', 'created_at'])
const knownInReply = new Set(['content', 'body', 'format', 'is_internal', 'created_at'])

type Fields = Record<string, unknown>

/**
 * Reads one record of an import file by the schemas of the routes that create tickets and replies. Null counts as not
 * given. A request without a body takes its title for one: the words are there, the sender wrote them in one line.
 */
export function readImport(value: unknown): ImportReading {
  if (!isRecord(value)) return { issues: [{ path: '', message: 'Not an object' }] }
  const fields = given(value)
  const issues: Issue[] = []
  const id = sourceId.safeParse(fields.id ?? '')
  if (!id.success) collect(issues, id.error, () => 'id')
  const createdAt = pastTime.safeParse(fields.created_at ?? null)
  if (!createdAt.success) collect(issues, createdAt.error, () => 'created_at')

  const names = { subject: 'subject' in fields ? 'subject' : 'title', description: 'description' in fields ? 'description' : 'body' }
  const hasBody = !isBlank(fields[names.description])
  const from = requester.safeParse(fields.requester ?? {})
  if (!from.success) collect(issues, from.error, () => 'requester')
  const ticket = ticketCreate.safeParse(given({
    subject: fields[names.subject] ?? '',
    description: hasBody ? fields[names.description] : fields[names.subject],
    format: fields.format,
    status: fields.status,
    priority: fields.priority,
    severity: fields.severity,
    category: fields.category,
    tags: fields.tags,
    requester_name: fields.requester_name ?? from.data?.name,
    requester_email: fields.requester_email ?? from.data?.email
  }))
  if (!ticket.success) {
    const reported = hasBody ? ticket.error.issues : ticket.error.issues.filter(issue => issue.path[0] !== 'description')
    issues.push(...reported.map(issue => ({ path: path([names[issue.path[0] as keyof typeof names] ?? issue.path[0]!, ...issue.path.slice(1)]), message: issue.message })))
  }

  const replies = readReplies(fields.replies ?? [], issues)
  if (issues.length > 0 || !id.success || !createdAt.success || !ticket.success) return { issues }
  const ignored = [...Object.keys(fields).filter(name => !known.has(name)), ...replies.ignored]
  return { request: { source_id: id.data, created_at: createdAt.data, ticket: ticket.data, replies: replies.list }, ignored, hasBody }
}

function readReplies(value: unknown, issues: Issue[]): { list: ImportRequest['replies'], ignored: Set<string> } {
  const list: ImportRequest['replies'] = []
  const ignored = new Set<string>()
  const parsed = replyList.safeParse(value)
  if (!parsed.success) collect(issues, parsed.error, () => 'replies')
  for (const [index, entry] of (parsed.data ?? []).entries()) {
    const at = `replies[${index}]`
    if (typeof entry !== 'string' && !isRecord(entry)) {
      issues.push({ path: at, message: 'A reply is text or an object' })
      continue
    }
    const fields = given(typeof entry === 'string' ? { content: entry } : entry)
    const reply = replyCreate.safeParse(given({ content: fields.content ?? fields.body ?? '', format: fields.format, is_internal: fields.is_internal }))
    const createdAt = pastTime.safeParse(fields.created_at ?? null)
    if (!reply.success) collect(issues, reply.error, name => name === 'is_internal' || name === 'format' ? `${at}.${name}` : at)
    if (!createdAt.success) collect(issues, createdAt.error, () => `${at}.created_at`)
    for (const name of Object.keys(fields)) {
      if (!knownInReply.has(name)) ignored.add(`replies[].${name}`)
    }
    if (reply.success && createdAt.success) list.push({ ...reply.data, created_at: createdAt.data })
  }
  return { list, ignored }
}

function collect(issues: Issue[], error: z.ZodError, name: (first: PropertyKey | undefined) => string): void {
  issues.push(...error.issues.map(issue => ({ path: name(issue.path[0]), message: issue.message })))
}

function path(parts: PropertyKey[]): string {
  return parts.map((part, index) => typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`).join('')
}

// What is null or undefined is as good as not there.
function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))
}

function isBlank(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value.trim() === '')
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

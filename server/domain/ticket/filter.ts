import { sql, type ExpressionBuilder, type ExpressionWrapper, type RawBuilder, type SqlBool } from 'kysely'
import type { TicketFilter } from '#shared/schemas/ticket'
import {
  literalsOf,
  parseSearch,
  termForms,
  type SearchOperator,
  type SearchQuery,
  type SearchTerm,
  type TicketReference
} from '#shared/utils/search-query'
import type { Database } from '../../db/types'
import type { Caller } from '../caller'
import { anyOf, asInstant, escapePattern, toLowerAll } from '../condition'
import { clockConditions, isOfClock } from './clock-filter'
import { readAt } from './columns'
import { dueAt, isBreaching, isOverdue } from './due'

type Builder = ExpressionBuilder<Database & { ticket: Database['tickets'] }, 'ticket'>
type Condition = ExpressionWrapper<Database & { ticket: Database['tickets'] }, 'ticket', SqlBool>

/** The conditions of a filter on `tickets as ticket`. The query itself must restrict the team. */
export function filterConditions(eb: Builder, filter: TicketFilter, caller: Caller): Condition {
  const all: (Condition | RawBuilder<SqlBool>)[] = []
  const { assigned_to, created_by, q, tag } = filter
  if (filter.status) all.push(eb('ticket.status', 'in', filter.status))
  if (filter.priority) all.push(eb('ticket.priority', 'in', filter.priority))
  if (filter.severity) all.push(eb('ticket.severity', 'in', filter.severity))
  if (filter.category) all.push(eb('ticket.category', 'in', filter.category))
  if (filter.type_id) all.push(eb('ticket.type_id', 'in', filter.type_id))
  if (filter.item_id) all.push(eb('ticket.item_id', 'in', filter.item_id))
  if (filter.project_id) all.push(eb('ticket.project_id', 'in', filter.project_id))
  if (filter.contact_id) all.push(eb('ticket.contact_id', 'in', filter.contact_id))
  if (assigned_to) {
    const people = assigned_to.filter(value => value !== 'none').map(value => (value === 'me' ? caller.userId : value))
    const nobody = assigned_to.includes('none')
    all.push(
      eb.or([
        ...(people.length > 0 ? [eb('ticket.assigned_to', 'in', people)] : []),
        ...(nobody ? [eb('ticket.assigned_to', 'is', null)] : [])
      ])
    )
  }
  if (created_by)
    all.push(
      eb(
        'ticket.created_by',
        'in',
        created_by.map(value => (value === 'me' ? caller.userId : value))
      )
    )
  if (tag) all.push(hasTag(tag))
  if (filter.snoozed !== undefined) all.push(filter.snoozed ? conditions.snoozed! : sql`ticket.snoozed_until is null`)
  if (filter.awaiting)
    all.push(filter.awaiting === 'us' ? conditions.unanswered! : sql`${conditions.open!} and ticket.awaiting_reply_since is null`)
  if (filter.unread !== undefined) all.push(filter.unread ? isUnread(caller) : sql`not ${isUnread(caller)}`)
  for (const column of ['created', 'resolved', 'last_activity'] as const) {
    const [from, to] = [filter[`${column}_from`], filter[`${column}_to`]]
    if (from) all.push(sql`${sql.ref(`ticket.${column}_at`)} >= ${asInstant(from, caller.teamId)}`)
    if (to) all.push(sql`${sql.ref(`ticket.${column}_at`)} < ${asInstant(to, caller.teamId)}`)
  }
  if (q) {
    const query = parseSearch(q)
    all.push(...operatorConditions(query, caller))
    const words = wordsOf(query, caller.teamId)
    if (words)
      all.push(
        sql`ticket.id in ${evaluatedOnce(sql`private.found_tickets(${caller.teamId}, ${words.query}, ${words.pattern}, ${words.number}, null, ${words.checks})`)}`
      )
  }
  return eb.and(all) as Condition
}

/** Arguments of `private.found_tickets()` and `private.found_replies()`. */
export interface Words {
  query: RawBuilder<string>
  pattern: string | null
  number: RawBuilder<number | null>
  checks: RawBuilder<string | null>
}

export function wordsOf({ items, reference }: SearchQuery, teamId: string): Words | undefined {
  const groups = items.filter(item => Array.isArray(item))
  if (groups.length === 0) return
  const last = groups.at(-1)!.at(-1)!
  // A negated literal says nothing about its words, so the index cannot serve its group.
  const indexed = groups.filter(group => !group.some(term => term.not && literalsOf(term.text).length > 0))
  const query =
    indexed.length === 0
      ? sql<string>`'!no_such_word'::tsquery`
      : sql<string>`(${sql.join(
          indexed.map(
            (group, index) =>
              sql`(${sql.join([...group.map(term => termQuery(term, term === last)), ...joinQueries(indexed, index)], sql` || `)})`
          ),
          sql` && `
        )})`
  const checked = groups.filter(group => group.some(({ text }) => literalsOf(text).length > 0))
  const plain = groups.every(([term, alternative]) => term && !term.not && !term.exact && !alternative)
  const text = groups.map(([term]) => term!.text).join(' ')
  // The trigram index finds parts of words from three characters on. Text without a letter or digit is not a word, so only `like` finds it.
  const pattern = plain && ([...text].length >= 3 || !/[\p{L}\p{N}]/u.test(text)) ? `%${escapePattern(text)}%` : null
  return { query, pattern, number: numberOf(reference, teamId), checks: checksOf(checked, last) }
}

function numberOf(reference: TicketReference | undefined, teamId: string): RawBuilder<number | null> {
  if (!reference) return sql`null::integer`
  return reference.team === undefined
    ? sql`${reference.number}::integer`
    : sql`(select ${reference.number}::integer from teams as team where team.id = ${teamId} and team.slug = ${reference.team})`
}

/** People write Persian words joined or apart: "می روم" must also find "میروم". */
function joinQueries(groups: SearchTerm[][], index: number): RawBuilder<string>[] {
  return [
    [groups[index - 1], groups[index]],
    [groups[index], groups[index + 1]]
  ].flatMap(([left, right]) => {
    const [first, second] = [left?.[0], right?.[0]]
    const fits =
      left?.length === 1 &&
      right?.length === 1 &&
      [first!, second!].every(({ text, exact, not }) => !exact && !not && /^[\p{Script=Arabic}\u200c]+$/u.test(text))
    return fits ? [sql<string>`private.search_term(${first!.text + second!.text}, ':*')`] : []
  })
}

function checksOf(groups: SearchTerm[][], last: SearchTerm): RawBuilder<string | null> {
  if (groups.length === 0) return sql`null::jsonb`
  const check = (term: SearchTerm) =>
    sql`jsonb_build_object('query', ${termQuery({ ...term, not: false }, term === last)}::text, 'literals', ${JSON.stringify(literalsOf(term.text))}::jsonb, 'begins', ${beginsWord(term, term === last)}::boolean, 'not', ${term.not}::boolean)`
  return sql`jsonb_build_array(${sql.join(groups.map(group => sql`jsonb_build_array(${sql.join(group.map(check))})`))})`
}

/** The ids that a search function returns. "materialized" makes the planner call it once. */
export function evaluatedOnce(call: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(with found as materialized (select ${call} as id) select id from found)`
}

export function operatorConditions({ items }: SearchQuery, caller: Caller): RawBuilder<SqlBool>[] {
  // Values of a repeated operator are alternatives: status:open status:waiting.
  const merged = new Map<string, SearchOperator>()
  for (const item of items) {
    if (Array.isArray(item)) continue
    const alone = item.key === 'is' || item.key === 'before' || item.key === 'after'
    const key = `${item.not ? '-' : ''}${item.key}${alone ? merged.size : ''}`
    merged.set(key, { ...item, values: [...(merged.get(key)?.values ?? []), ...item.values] })
  }
  const operators = [...merged.values()]
  // Without a "-" they describe one clock together.
  const ofClock = operators.filter(({ key, not }) => isOfClock(key) && !not)
  const others = operators.filter(operator => !ofClock.includes(operator))
  return [
    ...others.map(operator => (operator.not ? sql<SqlBool>`not ${conditionOf(operator, caller)}` : conditionOf(operator, caller))),
    ...(ofClock.length > 0 ? [clockConditions(ofClock, caller)] : [])
  ]
}

// Each condition is true or false, never null, so that "not" matches all other tickets.
function conditionOf({ key, values }: SearchOperator, caller: Caller): RawBuilder<SqlBool> {
  switch (key) {
    case 'status':
      return sql`ticket.status in (${sql.join(values)})`
    case 'priority':
      return sql`ticket.priority in (${sql.join(values)})`
    case 'severity':
      return sql`ticket.severity in (${sql.join(values.map(Number))})`
    case 'tag':
      return hasTag(values)
    case 'category':
      return sql`ticket.category in (select category.key from ticket_categories as category where category.team_id = ${caller.teamId} and (category.key in (${sql.join(values)}) or lower(category.name) in (${toLowerAll(values)})))`
    case 'assignee':
      return sql`coalesce(${personIn(sql`ticket.assigned_to`, values, caller)}, false)`
    case 'author':
      return personIn(sql`ticket.created_by`, values, caller)
    case 'requester':
      return sql`ticket.id in ${evaluatedOnce(
        sql`private.found_tickets(${caller.teamId}, ${sql.join(
          values.map(value => sql`private.search_term(${value}, ':*C')`),
          sql` || `
        )})`
      )}`
    case 'is':
      return anyOf(values.map(value => conditions[value]!))
    case 'before':
      return anyOf(values.map(value => sql`ticket.created_at < ${asInstant(value, caller.teamId)}`))
    case 'after':
      return anyOf(values.map(value => sql`ticket.created_at >= ${asInstant(value, caller.teamId)}`))
    case 'channel':
      return sql`ticket.channel in (${sql.join(values)})`
    case 'project':
      return sql`exists (select from projects as project where project.id = ticket.project_id and lower(project.name) in (${toLowerAll(values)}))`
    case 'organization':
      return isOfOrganization(sql`organization.name`, values)
    case 'tier':
      return isOfOrganization(sql`organization.tier`, values)
    case 'due':
      return anyOf(values.map(value => sql`${dueAt} < now() + ${intervalOf(value)}::interval`))
    case 'sla':
    case 'metric':
    case 'ended':
    case 'policy':
    case 'agent':
      return clockConditions([{ key, values, not: false }], caller)
    case 'has':
      return sql`exists (select from ticket_attachments as file where file.team_id = ticket.team_id and file.ticket_id = ticket.id)`
  }
}

const conditions: Record<string, RawBuilder<SqlBool>> = {
  open: sql`ticket.status in ('open', 'in_progress', 'waiting')`,
  closed: sql`ticket.status in ('resolved', 'closed')`,
  unassigned: sql`ticket.assigned_to is null`,
  overdue: isOverdue,
  breaching: isBreaching,
  snoozed: sql`ticket.snoozed_until is not null`,
  unanswered: sql`ticket.awaiting_reply_since is not null`
}

/** As `hasNewMessage()` of app/utils/ticket/ticket.ts. Whoever wrote a request down has read it. */
function isUnread({ userId }: Caller): RawBuilder<SqlBool> {
  return sql`(ticket.last_message_by = 'requester' and ticket.last_message_at > coalesce(${readAt}, 'infinity')
    and not (ticket.created_by = ${userId} and ticket.last_message_at = ticket.created_at))`
}

// A value is "me", "none", or the beginning of a word of a name or of an address. Matches everybody whom the caller may see, including
// former members. Addresses match only for callers who may see them.
function personIn(column: RawBuilder<unknown>, values: string[], { teamId, userId }: Caller): RawBuilder<SqlBool> {
  return anyOf(
    values.map(value => {
      if (value.toLowerCase() === 'me') return sql`${column} = ${userId}`
      if (value.toLowerCase() === 'none') return sql`${column} is null`
      return sql`${column} in (
      select person.id from profiles as person
      left join private.team_member_emails(${teamId}) as address on address.user_id = person.id
      where private.search_vector(person.full_name) @@ private.search_term(${value}, ':*')
        or address.email like ${`${escapePattern(value.toLowerCase())}%`}
    )`
    })
  )
}

function isOfOrganization(column: RawBuilder<unknown>, values: string[]): RawBuilder<SqlBool> {
  return sql`exists (
    select from contacts as contact join organizations as organization on organization.id = contact.organization_id
    where contact.id = ticket.contact_id and lower(${column}) in (${toLowerAll(values)}))`
}

/** `<30m` as an interval of Postgres. */
function intervalOf(value: string): string {
  return `${value.slice(1, -1)} ${{ m: 'minutes', h: 'hours', d: 'days' }[value.at(-1) as 'm' | 'h' | 'd']}`
}

function hasTag(tags: string[]): RawBuilder<SqlBool> {
  return sql`exists (select from ticket_tags as wanted where wanted.team_id = ticket.team_id and wanted.ticket_id = ticket.id and wanted.tag in (${sql.join(tags)}))`
}

// There is no stemming, so a prefix match lets "crash" find "crashes". Short words match as a whole, except the last one, which the person
// may still be typing.
function termQuery({ text, exact, not }: SearchTerm, isLast: boolean): RawBuilder<string> {
  const forms = termForms(text).map(form => sql`private.search_term(${form}, ${beginsWord({ text, exact, not }, isLast) ? ':*' : ''})`)
  return sql`${sql.raw(not ? '!!' : '')}(${sql.join(forms, sql` || `)})`
}

// A sign at the end, as in C++, ends a word: words that begin with "c" must not match.
function beginsWord({ text, exact }: SearchTerm, isLast: boolean): boolean {
  return !exact && [...text].length >= (isLast ? 2 : 3) && !literalsOf(text).some(literal => !/[\p{L}\p{N}\p{M}]$/u.test(literal))
}

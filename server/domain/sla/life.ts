import { sql } from 'kysely'
import type { Db } from '../../db/types'
import type { TicketChange, TicketLife, TicketState } from './replay'

/** Which facts conditions of policies look at, besides those that every replay needs. */
export interface NeededFacts {
  tag: boolean
  organization: boolean
}

/** Where the previous step ended: the values of its last ticket; null before the first step. */
export interface LifeCursor {
  created_at: string
  id: string
}

export interface LoadedLife {
  id: string
  /** For the next step. */
  cursor: LifeCursor
  life: TicketLife
}

/** By key or id, in lower case. */
export interface Names {
  categories: Map<string, string>
  projects: Map<string, string>
}

/** Names as they are now; the replay of a year that had other names uses these. */
export async function loadNames(db: Db, teamId: string): Promise<Names> {
  const { rows: categories } = await sql<{ key: string; name: string }>`
    select key, lower(name) as name from ticket_categories where team_id = ${teamId}`.execute(db)
  const { rows: projects } = await sql<{ key: string; name: string }>`
    select id::text as key, lower(name) as name from projects where team_id = ${teamId}`.execute(db)
  const asMap = (rows: { key: string; name: string }[]) => new Map(rows.map(({ key, name }) => [key, name]))
  return { categories: asMap(categories), projects: asMap(projects) }
}

/**
 * What happened to the next `limit` tickets that were created since `from`, the newest first. Imported tickets are left out: what the other
 * helpdesk promised is unknown. Of contacts and organizations, the present state counts.
 */
export async function loadLives(db: Db, { teamId, from, after, limit, needed, names }: LifeSearch): Promise<LoadedLife[]> {
  const { rows } = await sql<LifeRow>`
    select ticket.id, ticket.created_at::text as created_at, ${milliseconds('ticket.created_at')} as born, ticket.channel, ticket.status,
      ticket.snoozed_until is not null as snoozed, ticket.priority, ticket.severity::text as severity, ticket.category,
      ticket.project_id::text as project,
      case when ${needed.tag}::boolean
        then array(select label.tag from ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id)
        else '{}' end as tags,
      case when ${needed.organization}::boolean then (
        select json_build_array(lower(organization.name), lower(organization.tier)) from contacts as contact
        join organizations as organization on organization.id = contact.organization_id where contact.id = ticket.contact_id
      ) end as organization,
      (
        select json_agg(json_build_array(event.type, ${milliseconds('event.created_at')},
          case when event.type = 'reply.deleted' then event."from" -> 'id' else event."from" end, event."to",
          case event.type when 'ticket.status_changed' then event.contact_id is not null when 'reply.created' then exists (
            select from private.channel_profiles as channel where channel.team_id = event.team_id and channel.user_id = event.actor_id
          ) end) order by event.id)
        from ticket_events as event
        where event.team_id = ticket.team_id and event.ticket_id = ticket.id and event.type = any (${eventTypes(needed)}::text[])
          and not (event.type = 'reply.created' and (event."to" ->> 'is_internal')::boolean)
      ) as changes
    from tickets as ticket
    where ticket.team_id = ${teamId} and ticket.created_at >= ${from}::text::timestamptz and ticket.channel <> 'import'
      and (ticket.created_at, ticket.id) < (${after?.created_at ?? 'infinity'}::text::timestamptz, ${after?.id ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff'}::uuid)
    order by ticket.created_at desc, ticket.id desc limit ${limit}`.execute(db)
  return rows.map(row => ({ id: row.id, cursor: { created_at: row.created_at, id: row.id }, life: asLife(row, names) }))
}

interface LifeSearch {
  teamId: string
  from: string
  after: LifeCursor | null
  limit: number
  needed: NeededFacts
  names: Names
}

interface LifeRow {
  id: string
  created_at: string
  born: number
  channel: string
  status: string
  snoozed: boolean
  priority: string
  severity: string
  category: string
  project: string | null
  tags: string[]
  organization: [name: string, tier: string | null] | null
  changes: EventFact[] | null
}

/** `flag`: of a status, whether a contact set it; of a reply, whether a client wrote it. */
type EventFact = [type: string, at: number, from: unknown, to: unknown, flag: boolean | null]

function eventTypes(needed: NeededFacts): string[] {
  return [
    'ticket.status_changed',
    'ticket.snoozed',
    'ticket.priority_changed',
    'ticket.severity_changed',
    'ticket.rerouted',
    'ticket.project_changed',
    'reply.created',
    'reply.deleted',
    ...(needed.tag ? ['ticket.tags_changed'] : [])
  ]
}

function asLife(row: LifeRow, names: Names): TicketLife {
  const start: TicketState = {
    status: row.status,
    isSnoozed: row.snoozed,
    priority: row.priority,
    severity: row.severity,
    category: listNames(row.category, names.categories),
    project: listNames(row.project, names.projects),
    tags: row.tags
  }
  const facts = row.changes ?? []
  // A property began as its first change found it.
  for (let index = facts.length - 1; index >= 0; index--) {
    const [type, , from] = facts[index]!
    if (!type.startsWith('reply.')) Object.assign(start, stateOf(type, from, names))
  }
  const changes = facts.map(([type, at, from, to, flag]): TicketChange => {
    if (type === 'reply.created') return { at, kind: flag ? 'client' : 'agent', reply: (to as { id: string }).id }
    if (type === 'reply.deleted') return { at, kind: 'deletion', reply: from as string }
    return { at, kind: 'state', to: stateOf(type, to, names), isByContact: flag ?? false }
  })
  const [organization, tier] = row.organization ?? [null, null]
  const list = (name: string | null) => (name === null ? [] : [name])
  return { createdAt: row.born, channel: row.channel, organization: list(organization), tier: list(tier), start, changes }
}

/** What a value of an event says about a ticket. */
function stateOf(type: string, value: unknown, { categories, projects }: Names): Partial<TicketState> {
  switch (type) {
    case 'ticket.status_changed':
      return { status: value as string }
    case 'ticket.snoozed':
      return { isSnoozed: value !== null }
    case 'ticket.priority_changed':
      return { priority: value as string }
    case 'ticket.severity_changed':
      return { severity: String(value) }
    case 'ticket.rerouted':
      return { category: listNames((value as { category: string }).category, categories) }
    case 'ticket.project_changed':
      return { project: listNames((value as { id: string } | null)?.id ?? null, projects) }
    default:
      return { tags: value as string[] }
  }
}

/** The key of a category, or the id of a project, and its name. Nothing if it was deleted. */
function listNames(key: string | null, names: Map<string, string>): string[] {
  const name = key === null ? undefined : names.get(key)
  return key === null || name === undefined ? [] : [key, name]
}

function milliseconds(column: string) {
  return sql`(extract(epoch from ${sql.ref(column)}) * 1000)::float8`
}

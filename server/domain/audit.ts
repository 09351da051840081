import { sql } from 'kysely'
import { actorName, causeName, isAboutTicket } from '#shared/event'
import type { AuditFilter, AuditQuery, HistoryQuery } from '#shared/schemas/audit'
import type { TicketEvent } from '#shared/schemas/event'
import type { Db } from '../db/types'
import { actorNameOf } from './author'
import type { Caller } from './caller'
import { listOf, pageBehind, type List } from './page'
import { mentions } from './reply'
import { asInstant } from './condition'
import { requireTicket } from './ticket/get'

/** The events of one ticket. Throws 404 also for a deleted ticket, whose events are in the team's audit log. */
export async function listHistory(db: Db, teamId: string, ticketId: string, query: HistoryQuery): Promise<List<TicketEvent>> {
  await requireTicket(db, teamId, ticketId)
  return listEvents(
    db,
    eventRows(db, teamId)
      .where('entry.ticket_id', '=', ticketId)
      .$if(query.type !== undefined, rows => rows.where('entry.type', 'in', query.type!)),
    query
  )
}

export function listAudit(db: Db, caller: Caller, { page, cursor, page_size, ...filter }: AuditQuery): Promise<List<TicketEvent>> {
  return listEvents(db, filterEvents(db, caller, filter), { page, cursor, page_size })
}

export const auditColumns = ['id', 'time', 'actor', 'type', 'ticket', 'channel', 'from', 'to'] as const

export async function* exportAudit(db: Db, caller: Caller, filter: AuditFilter): AsyncGenerator<(string | number | null)[]> {
  for await (const { id, created_at, actor, cause, type, ticket_number, channel, from, to } of filterEvents(db, caller, filter).stream(
    100
  )) {
    yield [id, created_at, actor ? actorName(actor) : cause && causeName(cause), type, ticket_number, channel, json(from), json(to)]
  }
}

function json(state: unknown): string | null {
  return state === null ? null : JSON.stringify(state)
}

function filterEvents(db: Db, { teamId, userId }: Caller, { type, actor, ticket, from, to }: AuditFilter) {
  const actors = actor?.filter(one => one !== 'none').map(one => (one === 'me' ? userId : one)) ?? []
  const isOfTeamOnly = type !== undefined && !type.some(isAboutTicket)
  return eventRows(db, teamId)
    .$if(type !== undefined, rows => rows.where('entry.type', 'in', type!))
    .$if(isOfTeamOnly, rows => rows.where('entry.ticket_id', 'is', null)) // the condition of a partial index
    .$if(actor !== undefined, rows =>
      rows.where(eb =>
        eb.or([
          ...(actors.length > 0 ? [eb('entry.actor_id', 'in', actors)] : []),
          ...(actor!.includes('none') ? [eb('entry.actor_id', 'is', null)] : [])
        ])
      )
    )
    .$if(typeof ticket === 'string', rows => rows.where('entry.ticket_id', '=', ticket as string))
    .$if(typeof ticket === 'number', rows =>
      rows.where(
        'entry.ticket_id',
        '=',
        sql<string>`(
      select created.ticket_id from ticket_events as created where created.team_id = ${teamId} and created.ticket_number = ${ticket} and created.type = 'ticket.created'
    )`
      )
    ) // ticket_id has an index, and the event of the creation outlives the ticket
    .$if(from !== undefined, rows => rows.where('entry.created_at', '>=', asInstant(from!, teamId)))
    .$if(to !== undefined, rows => rows.where('entry.created_at', '<', asInstant(to!, teamId)))
}

// A subquery per entry instead of a join: below a policy no index serves the join condition `reply.id = (entry."to" ->> 'id')::uuid`,
// because the cast is not leakproof. In a subquery the value is a parameter. `is_ticket_deleted` below is a subquery instead of an
// "exists", for which Postgres would hash all tickets of the team.
const replyOfEntry = sql`(
  select jsonb_build_object('content', reply.content, 'mentions', ${mentions}) from ticket_replies as reply
  where reply.team_id = entry.team_id and reply.id = (entry."to" ->> 'id')::uuid
)`

function eventRows(db: Db, teamId: string) {
  return (
    db
      .selectFrom('ticket_events as entry')
      .leftJoin('profiles as actor', 'actor.id', 'entry.actor_id')
      // The triggers guarantee the shape of "from" and "to" for each type.
      .select(eb => [
        sql<number>`entry.id::double precision`.as('id'),
        eb.ref('entry.type').$castTo<TicketEvent['type']>().as('type'),
        'entry.ticket_id',
        'entry.ticket_number',
        sql<boolean>`entry.ticket_id is not null and (select ticket.id from tickets as ticket where ticket.team_id = entry.team_id and ticket.id = entry.ticket_id) is null`.as(
          'is_ticket_deleted'
        ),
        eb.ref('entry.channel').$castTo<TicketEvent['channel']>().as('channel'),
        sql<
          TicketEvent['actor']
        >`case when entry.actor_id is not null then jsonb_build_object('id', entry.actor_id, 'name', coalesce(${actorNameOf('entry')}, 'Deleted account')) || case when entry.api_key is null then '{}' else jsonb_build_object('api_key', entry.api_key) end end`.as(
          'actor'
        ),
        eb.ref('entry.cause').$castTo<TicketEvent['cause']>().as('cause'),
        'entry.from',
        sql<
          TicketEvent['to']
        >`case when entry.type = 'reply.created' then entry."to" || coalesce(${replyOfEntry}, '{}') else entry."to" end`.as('to'),
        'entry.created_at'
      ])
      .where('entry.team_id', '=', teamId)
      .orderBy('entry.id', 'desc')
  )
}

async function listEvents(
  db: Db,
  rows: ReturnType<typeof eventRows>,
  { page, cursor, page_size }: Pick<HistoryQuery, 'page' | 'cursor' | 'page_size'>
): Promise<List<TicketEvent>> {
  const list =
    cursor === undefined
      ? await listOf(db, rows, { page, page_size })
      : await pageBehind(rows, { by: [{ of: sql`entry.id`, type: 'bigint' }], cursor, size: page_size })
  return list as List<TicketEvent>
}

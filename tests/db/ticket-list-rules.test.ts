import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ticketQuery } from '#shared/schemas/ticket'
import { ticketPriorities, ticketSorts, ticketStatuses } from '#shared/ticket'
import type { TicketRow } from '#shared/types/api'
import { asService } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import type { Db } from '#server/db/types'
import { listTickets } from '#server/domain/ticket/list'
import { listRules, parseListQuery } from '~/utils/ticket/ticket-query'
import { database, databaseUrl } from '../support/as.ts'
import { ann, bob } from '../support/world.ts'

// Browsers place changed tickets in a list before the server is asked (app/utils/ticket/ticket-list.ts), so filters and orders exist
// in TypeScript and in SQL. This keeps them the same.
type Query = Record<string, string | string[]>

const team = randomUUID()
const caller = { teamId: team, userId: ann.id }
const subjects = [
  'zebra',
  'Ärger',
  'ärger',
  'Apfel',
  'apple',
  '10 files',
  '9 files',
  '"quoted"',
  '',
  'éclair',
  '日本語',
  'ß',
  'SS',
  '_x',
  '🔥'
]
const names = [null, 'Ümit', 'ulla', 'Zoë', 'zoe', '']
const tags = [[], ['vip'], ['vip', 'ärger'], ['Billing'], ['a', 'b'], ['zz']]

beforeAll(async () => {
  configureDatabase(databaseUrl(), 2)
  await asService('a test', async db => {
    await sql`insert into teams (id, name, slug) values (${team}, 'Rules', ${`rules-${team.slice(0, 8)}`})`.execute(db)
    await sql`insert into team_members (team_id, user_id, role) values (${team}, ${ann.id}, 'owner'), (${team}, ${bob.id}, 'member')`.execute(
      db
    )
    for (let n = 0; n < 60; n++) await insertTicket(db, n)
  })
})
afterAll(async () => {
  await database()`delete from teams where id = ${team}`
  await closePool()
})

async function insertTicket(db: Db, n: number): Promise<void> {
  const status = ticketStatuses[n % ticketStatuses.length]!
  const isDone = status === 'resolved' || status === 'closed'
  const created = new Date(Date.UTC(2026, 0, 1 + (n % 7), n % 24))
  const [id, name] = [randomUUID(), names[n % names.length]]
  await sql`
    insert into tickets (id, team_id, subject, description, status, priority, severity, assigned_to, created_by, created_at, resolved_at,
      requester_name, requester_email, snoozed_until, snoozed_by)
    values (${id}, ${team}, ${subjects[n % subjects.length] || 'x'}, 'x', ${status}, ${ticketPriorities[n % ticketPriorities.length]},
      ${1 + (n % 5)}, ${n % 3 === 0 ? bob.id : null}, ${n % 2 === 0 ? ann.id : bob.id}, ${created}, ${isDone ? created : null},
      ${name || null}, ${n % 4 === 0 ? `client${n % 3}@mail.test` : null}, ${!isDone && n % 5 === 0 ? new Date(Date.UTC(2099, 0, 1 + (n % 3))) : null},
      ${!isDone && n % 5 === 0 ? ann.id : null})`.execute(db)
  for (const tag of tags[n % tags.length]!)
    await sql`insert into ticket_tags (team_id, ticket_id, tag) values (${team}, ${id}, ${tag.toLowerCase()})`.execute(db)
}

/** The rows as a browser gets them. */
async function list(query: Query): Promise<TicketRow[]> {
  const { rows } = await asService('a test', db => listTickets(db, caller, ticketQuery.parse(query)))
  return JSON.parse(JSON.stringify(rows)) as TicketRow[]
}

describe('the list rules of browsers', () => {
  test.each(ticketSorts.flatMap(sort => ['asc', 'desc'].map(order => [sort, order])))(
    'tickets sorted by %s, %s, have the same order in the browser and on the server',
    async (sort, order) => {
      const rows = await list({ sort: sort!, order: order! })
      expect(rows).toHaveLength(60)
      const { compare } = listRules(parseListQuery({ sort, order }), ann.id)
      const ids = (of: TicketRow[]) => of.map(({ id, subject }) => `${subject} ${id}`)
      expect(ids(rows.toReversed().toSorted(compare))).toEqual(ids(rows))
    }
  )

  test.each<Query>([
    { status: 'open' },
    { status: ['resolved', 'closed'] },
    { priority: ['urgent', 'high'] },
    { severity: ['1', '5'] },
    { category: 'other' },
    { assigned_to: 'me' },
    { assigned_to: 'none' },
    { assigned_to: [bob.id, 'none'] },
    { created_by: 'me' },
    { created_by: bob.id },
    { tag: 'vip' },
    { tag: ['VIP', 'zz'] },
    { snoozed: 'true' },
    { snoozed: 'false' },
    { created_from: '2026-01-03' },
    { created_to: '2026-01-03' },
    { created_from: '2026-01-02', created_to: '2026-01-04T10:00:00Z' },
    { last_activity_from: '2026-01-05' },
    { last_activity_to: '2026-01-05' },
    { resolved_from: '2026-01-03' },
    { resolved_to: '2026-01-03' },
    { status: ['open', 'waiting'], assigned_to: bob.id, snoozed: 'false' }
  ])('the filter %j matches the same tickets in the browser and on the server', async query => {
    const found = new Set((await list(query)).map(({ id }) => id))
    const { matches } = listRules(parseListQuery(query), ann.id)
    const matched = (await list({})).filter(row => matches(row)).map(({ id }) => id)
    expect(new Set(matched)).toEqual(found)
  })
})

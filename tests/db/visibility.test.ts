import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { roles } from '#shared/permissions'
import { as, service, session, type Caller } from '../support/as.ts'
import { callers, keyOfBob } from '../support/authorization/principals.ts'
import { createRandom } from '../support/random.ts'
import { acme, ann, initech, people } from '../support/world.ts'

// Lists, single objects, searches and channels have policies and functions of their own. For random memberships and ids they must agree.

const rounds = 4
const idsOfTable = 20

const principals: [name: string, caller: Caller][] = [...Object.entries(callers), ['a key with the scope read', keyOfBob(['read'])]]

/** Gives some people a second membership with a random role, and adds tickets with a reply to both teams. */
async function scatter(sql: TransactionSql, random: (limit: number) => number): Promise<void> {
  for (const { id } of Object.values(people)) {
    const team_id = random(2) === 0 ? acme.id : initech.id
    await sql`
      insert into team_members ${sql({ team_id, user_id: id, role: roles[random(roles.length)]! })}
      on conflict (team_id, user_id) do nothing`
  }
  for (let number = 0; number < 6; number++) {
    const team_id = random(2) === 0 ? acme.id : initech.id
    const [ticket] = await sql<[{ id: string }]>`
      insert into tickets ${sql({ team_id, subject: 'needle', description: 'x', created_by: ann.id })} returning id`
    await sql`
      insert into ticket_replies ${sql({ team_id, ticket_id: ticket.id, user_id: ann.id, content: 'needle', is_internal: random(2) === 0 })}`
  }
}

describe('what a caller sees', () => {
  const start = Date.now() % 1_000_000

  test.each(Array.from({ length: rounds }, (_, round) => start + round))(
    'is the same in a list and by id, in the search and on channels: seed %i',
    async seed => {
      const tables = await as(
        service,
        sql => sql<{ name: string; type: string }[]>`
        select format('public.%I', relname) as name, format_type(atttypid, null) as type from pg_class
        join pg_attribute on attrelid = pg_class.oid and attname = 'id' and has_column_privilege('authenticated', attrelid, attnum, 'select')
        where relnamespace = 'public'::regnamespace and relkind = 'r'
        union all select 'private.ticket_rows', 'uuid' order by 1`
      )
      await session(service, async ({ sql, as }) => {
        const random = createRandom(seed)
        await scatter(sql, random)
        const wanted: Wanted[] = []
        for (const { name, type } of tables) {
          const all = (await sql.unsafe<{ id: string }[]>(`select id::text as id from ${name} order by 1`)).map(({ id }) => id)
          wanted.push({ name, type, ids: Array.from({ length: Math.min(idsOfTable, all.length) }, () => all[random(all.length)]!) })
        }
        for (const [principal, caller] of principals) {
          const seen = await as(caller, sql => readSets(sql, caller, wanted))
          for (const { name, ids, listed, byId } of seen.tables)
            expect(byId, `${principal}, ${name}`).toEqual(ids.filter(id => listed.has(id)))
          const { tickets, rows, found, events, teams } = seen
          expect(rows, `${principal}: ticket_rows`).toEqual(tickets)
          expect(events, `${principal}: ticket_events`).toEqual(tickets)
          expect(found.tickets, `${principal}: found_tickets()`).toEqual(found.listedTickets)
          expect(found.replies, `${principal}: found_replies()`).toEqual(found.listedReplies)
          expect(teams.channels, `${principal}: channels`).toEqual(teams.listed)
        }
      })
    }
  )
})

/** Random ids of a table, which the caller may see or not. */
interface Wanted {
  name: string
  type: string
  ids: string[]
}

/** The ids that a caller gets in each way. */
async function readSets(sql: TransactionSql, caller: Caller, wanted: readonly Wanted[]) {
  const isSignedIn = typeof caller === 'object'
  const ids = async (query: string) =>
    isSignedIn
      ? (await sql.unsafe<{ id: string }[]>(`select distinct id::text as id from (${query}) as found order by 1`)).map(({ id }) => id)
      : []
  const tables = []
  for (const { name, type, ids: some } of isSignedIn ? wanted : []) {
    const listed = new Set(await ids(`select id from ${name}`))
    const byId = await sql.unsafe<{ id: string }[]>(
      `select wanted.id::text as id from unnest($1::${type}[]) with ordinality as wanted (id, number)
        where exists (select from ${name} as row where row.id = wanted.id) order by wanted.number`,
      [some]
    )
    tables.push({ name, ids: some, listed, byId: byId.map(({ id }) => id) })
  }
  const bothTeams = `(values ('${acme.id}'::uuid), ('${initech.id}'::uuid)) as team (id)`
  return {
    tables,
    tickets: await ids('select id from tickets'),
    rows: await ids('select id from private.ticket_rows'),
    events: await ids('select ticket_id as id from ticket_events where ticket_id in (select id from tickets)'),
    found: {
      tickets: await ids(`select hit as id from ${bothTeams}, private.found_tickets(team.id, private.search_term('needle')) as hit`),
      listedTickets: await ids("select id from tickets where subject = 'needle'"),
      replies: await ids(`select hit as id from ${bothTeams}, private.found_replies(team.id, private.search_term('needle')) as hit`),
      listedReplies: await ids("select id from ticket_replies where content = 'needle'")
    },
    teams: {
      channels: await ids("select split_part(topic, ':', 2) as id from private.my_team_topics() as topic"),
      listed: await ids('select team_id as id from tickets')
    }
  }
}

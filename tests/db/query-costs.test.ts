import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asService, asUser } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import type { Db } from '#server/db/types'
import { listAudit, listHistory } from '#server/domain/audit'
import { getMembership } from '#server/domain/member'
import { createReply, listReplies } from '#server/domain/reply'
import { countTickets, pageTickets } from '#server/domain/ticket/list'
import { getTicket } from '#server/domain/ticket/get'
import { createTicket } from '#server/domain/ticket/create'
import { deleteTicket } from '#server/domain/ticket/delete'
import { updateTicket } from '#server/domain/ticket/update'
import { replyCreate } from '#shared/schemas/reply'
import { ticketCreate, ticketFilter, ticketQuery } from '#shared/schemas/ticket'
import { acme, ann } from '../support/world.ts'
import { databaseUrl } from '../support/as.ts'

beforeAll(() => {
  configureDatabase(databaseUrl(), 2)
})
afterAll(closePool)

class RolledBack extends Error {}

interface Team {
  id: string
  ticketId: string
}

/** Runs `work` with a new team of Ann's and its ticket with three replies, in a transaction that is rolled back. */
async function withNewTeam(work: (db: Db, team: Team) => Promise<void>): Promise<void> {
  await asService('a test', async db => {
    const team = { id: randomUUID(), ticketId: randomUUID() }
    await sql`select set_config('switchboard.channel', 'import', true)`.execute(db)
    await sql`insert into teams (id, name, slug) values (${team.id}, 'Costly', ${`costly-${team.id.slice(0, 8)}`})`.execute(db)
    await sql`insert into team_members (team_id, user_id, role) values (${team.id}, ${ann.id}, 'owner')`.execute(db)
    await sql`
      insert into tickets (id, team_id, subject, description, created_by)
      values (${team.ticketId}, ${team.id}, 'The ticket to read', 'x', ${ann.id})`.execute(db)
    await sql`
      insert into ticket_replies (team_id, ticket_id, user_id, content) select ${team.id}, ${team.ticketId}, ${ann.id}, 'x'
      from generate_series(1, 3)`.execute(db)
    await work(db, team)
    throw new RolledBack()
  }).catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error
  })
}

async function addTickets(db: Db, team: Team, count: number): Promise<void> {
  await sql`
    with added as (
      insert into tickets (team_id, subject, description, created_by)
      select ${team.id}, 'Another', repeat('word ', 100), ${ann.id} from generate_series(1, ${count}::int) returning id
    )
    insert into ticket_replies (team_id, ticket_id, user_id, content) select ${team.id}, added.id, ${ann.id}, repeat('word ', 100)
    from added, generate_series(1, 2)`.execute(db)
  for (const table of ['tickets', 'ticket_replies', 'ticket_events']) await sql`analyze ${sql.table(table)}`.execute(db)
}

/** The number of table and index blocks that this transaction has read so far. */
async function countFetchedBlocks(db: Db): Promise<number> {
  const {
    rows: [row]
  } = await sql<{ blocks: number }>`
    select sum(pg_stat_get_xact_blocks_fetched(oid))::int as blocks from pg_class
    where relnamespace::regnamespace::text in ('public', 'private') and relkind in ('r', 'i')`.execute(db)
  return row!.blocks
}

/** The number of blocks that all statements of `work` read as Ann. */
async function countBlocks(db: Db, work: () => Promise<unknown>): Promise<number> {
  const before = await countFetchedBlocks(db)
  await sql`
    select set_config('role', 'authenticated', true),
      set_config('request.jwt.claims', ${JSON.stringify({ sub: ann.id, role: 'authenticated' })}, true)`.execute(db)
  await work()
  await sql`select set_config('role', 'postgres', true)`.execute(db)
  return (await countFetchedBlocks(db)) - before
}

describe('query costs by size of the team', () => {
  const newestPage = { cursor: '', page_size: 25 }
  const reads: [label: string, read: (db: Db, team: Team) => Promise<unknown>][] = [
    ['the history of a ticket', (db, team) => listHistory(db, team.id, team.ticketId, { page_size: 25 })],
    ['a page of the history of a ticket', (db, team) => listHistory(db, team.id, team.ticketId, newestPage)],
    ['the replies of a ticket', (db, team) => listReplies(db, team.id, team.ticketId, { page_size: 25 })],
    ["a page of the team's audit log", (db, team) => listAudit(db, { teamId: team.id, userId: ann.id }, newestPage)],
    [
      'the audit log of one ticket, by its number',
      (db, team) => listAudit(db, { teamId: team.id, userId: ann.id }, { ticket: 1, page_size: 25 })
    ]
  ]

  test(
    'reading one ticket or one page reads about as many blocks in a team ten times as large',
    () =>
      withNewTeam(async (db, team) => {
        const small: number[] = []
        await addTickets(db, team, 100)
        for (const [, read] of reads) small.push(await countBlocks(db, () => read(db, team)))
        await addTickets(db, team, 900)
        for (const [index, [label, read]] of reads.entries()) {
          // Deeper indexes read a few blocks more; a join that reads the whole team reads several times as many.
          expect
            .soft(await countBlocks(db, () => read(db, team)), `${label}, ${small[index]} before`)
            .toBeLessThan(small[index]! * 1.4 + 20)
        }
      }),
    60_000
  )
})

describe('query costs by number of teams', () => {
  const teamId = acme.id
  const fields = ticketCreate.parse({ subject: 'Printer', description: 'Out of ink', assigned_to: ann.id, tags: ['ink'] })
  const operations: [label: string, run: (db: Db) => Promise<unknown>][] = [
    ['check a membership', db => getMembership(db, teamId, ann.id)],
    ['create a ticket', db => createTicket(db, { teamId, userId: ann.id }, fields)],
    ['read a ticket', db => getTicket(db, teamId, acme.tickets.bobs)],
    ['change a ticket', db => updateTicket(db, teamId, acme.tickets.bobs, { priority: 'urgent', assigned_to: ann.id })],
    ['reply', db => createReply(db, { teamId, userId: ann.id }, acme.tickets.bobs, replyCreate.parse({ content: 'On it' }))],
    ['list tickets', db => pageTickets(db, { teamId, userId: ann.id }, { ...ticketQuery.parse({}), page: 1 })],
    [
      'list tickets by the result of an SLA clock',
      db =>
        pageTickets(
          db,
          { teamId, userId: ann.id },
          { ...ticketQuery.parse({ q: 'sla:missed ended:2026-01-01..2026-12-31 agent:me' }), page: 1 }
        )
    ],
    ['count tickets', db => countTickets(db, { teamId, userId: ann.id }, ticketFilter.parse({}))],
    ['delete a ticket', db => deleteTicket(db, teamId, acme.tickets.unassigned)]
  ]

  /** The number of blocks that each operation reads, including its deferred triggers. */
  async function measureCosts(isAboutOneTeam: boolean, otherTeams: number): Promise<number[]> {
    let costs: number[] = []
    await asUser(
      { sub: ann.id },
      async db => {
        await runAsPostgres(db, async () => {
          await sql`
            insert into teams (id, name, slug) select gen_random_uuid(), 'Another', 'another-' || n
            from generate_series(1, ${otherTeams}::int) as n`.execute(db)
          await sql`
            insert into team_members (team_id, user_id, role)
            select id, ${ann.id}, 'member' from teams where slug like 'another-%'`.execute(db)
          await sql`set constraints all immediate`.execute(db)
          for (const table of ['teams', 'team_members', 'private.team_people']) await sql`analyze ${sql.table(table)}`.execute(db)
        })
        for (const [, run] of [...operations.slice(0, -1), ...operations]) {
          // the first pass warms the caches of the connection
          const before = await countFetchedBlocks(db)
          await run(db)
          costs.push((await countFetchedBlocks(db)) - before)
        }
        costs = costs.slice(operations.length - 1)
        throw new RolledBack()
      },
      isAboutOneTeam ? { teamId } : {}
    ).catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error
    })
    return costs
  }

  async function runAsPostgres(db: Db, work: () => Promise<void>): Promise<void> {
    const {
      rows: [claims]
    } = await sql<{ role: string; value: string }>`select current_user as role, current_setting('request.jwt.claims') as value`.execute(db)
    await sql`select set_config('role', 'postgres', true), set_config('request.jwt.claims', '', true)`.execute(db)
    await work()
    await sql`select set_config('role', ${claims!.role}, true), set_config('request.jwt.claims', ${claims!.value}, true)`.execute(db)
  }

  test('a request for one team reads about as many blocks when its caller has 300 other teams', async () => {
    // Deeper indexes read a few blocks more; checking each team for each statement reads hundreds.
    const [few, many] = [await measureCosts(true, 0), await measureCosts(true, 300)]
    for (const [index, [label]] of operations.entries())
      expect.soft(many[index]!, `${label}, ${few[index]} with no other team`).toBeLessThan(few[index]! * 1.4 + 20)
  }, 60_000)

  test('a request that names no team costs more only by the list of teams, which policies read once per table', async () => {
    const [few, many] = [await measureCosts(false, 0), await measureCosts(false, 300)]
    for (const [index, [label]] of operations.entries())
      expect.soft(many[index]!, `${label}, ${few[index]} with no other team`).toBeLessThan(few[index]! * 2 + 200)
  }, 60_000)
})

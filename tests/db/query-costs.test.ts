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

/** A team of ann's with one ticket of three replies, in a transaction that is rolled back. */
async function inNewTeam(work: (db: Db, team: Team) => Promise<void>): Promise<void> {
  await asService('a test', async db => {
    const team = { id: randomUUID(), ticketId: randomUUID() }
    await sql`select set_config('switchboard.channel', 'import', true)`.execute(db)
    await sql`insert into teams (id, name, slug) values (${team.id}, 'Costly', ${`costly-${team.id.slice(0, 8)}`})`.execute(db)
    await sql`insert into team_members (team_id, user_id, role) values (${team.id}, ${ann.id}, 'owner')`.execute(db)
    await sql`insert into tickets (id, team_id, subject, description, created_by) values (${team.ticketId}, ${team.id}, 'The one that is opened', 'x', ${ann.id})`.execute(
      db
    )
    await sql`insert into ticket_replies (team_id, ticket_id, user_id, content) select ${team.id}, ${team.ticketId}, ${ann.id}, 'x' from generate_series(1, 3)`.execute(
      db
    )
    await work(db, team)
    throw new RolledBack()
  }).catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error
  })
}

async function addTickets(db: Db, team: Team, count: number): Promise<void> {
  await sql`
    with added as (insert into tickets (team_id, subject, description, created_by) select ${team.id}, 'Another', repeat('word ', 100), ${ann.id} from generate_series(1, ${count}::int) returning id)
    insert into ticket_replies (team_id, ticket_id, user_id, content) select ${team.id}, added.id, ${ann.id}, repeat('word ', 100) from added, generate_series(1, 2)`.execute(
    db
  )
  for (const table of ['tickets', 'ticket_replies', 'ticket_events']) await sql`analyze ${sql.table(table)}`.execute(db)
}

/** Blocks of tables and indexes that this transaction has read until now. */
async function blocksFetched(db: Db): Promise<number> {
  const {
    rows: [row]
  } = await sql<{ blocks: number }>`
    select sum(pg_stat_get_xact_blocks_fetched(oid))::int as blocks from pg_class where relnamespace::regnamespace::text in ('public', 'private') and relkind in ('r', 'i')`.execute(
    db
  )
  return row!.blocks
}

/** Blocks that `work` reads as ann, whatever statements it takes. */
async function blocksRead(db: Db, work: () => Promise<unknown>): Promise<number> {
  const before = await blocksFetched(db)
  await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify({ sub: ann.id, role: 'authenticated' })}, true)`.execute(
    db
  )
  await work()
  await sql`select set_config('role', 'postgres', true)`.execute(db)
  return (await blocksFetched(db)) - before
}

describe('a team ten times as large costs no more blocks', () => {
  const newestPage = { cursor: '', page_size: 25 }
  const reads: [does: string, read: (db: Db, team: Team) => Promise<unknown>][] = [
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
    'to read what is bounded by a ticket or a page',
    () =>
      inNewTeam(async (db, team) => {
        const small: number[] = []
        await addTickets(db, team, 100)
        for (const [, read] of reads) small.push(await blocksRead(db, () => read(db, team)))
        await addTickets(db, team, 900)
        for (const [index, [does, read]] of reads.entries()) {
          // Deeper indexes read a few blocks more; a join that reads the whole team reads several times as many.
          expect.soft(await blocksRead(db, () => read(db, team)), `${does}, ${small[index]} before`).toBeLessThan(small[index]! * 1.4 + 20)
        }
      }),
    60_000
  )
})

describe('a person of many teams costs what a person of one does', () => {
  const teamId = acme.id
  const fields = ticketCreate.parse({ subject: 'Printer', description: 'Out of ink', assigned_to: ann.id, tags: ['ink'] })
  const works: [does: string, work: (db: Db) => Promise<unknown>][] = [
    ['to be known as a member', db => getMembership(db, teamId, ann.id)],
    ['to create a ticket', db => createTicket(db, { teamId, userId: ann.id }, fields)],
    ['to read a ticket', db => getTicket(db, teamId, acme.tickets.bobs)],
    ['to change a ticket', db => updateTicket(db, teamId, acme.tickets.bobs, { priority: 'urgent', assigned_to: ann.id })],
    ['to reply', db => createReply(db, { teamId, userId: ann.id }, acme.tickets.bobs, replyCreate.parse({ content: 'On it' }))],
    ['to list tickets', db => pageTickets(db, { teamId, userId: ann.id }, { ...ticketQuery.parse({}), page: 1 })],
    ['to count tickets', db => countTickets(db, { teamId, userId: ann.id }, ticketFilter.parse({}))],
    ['to delete a ticket', db => deleteTicket(db, teamId, acme.tickets.unassigned)]
  ]

  /** Blocks of tables and indexes that each work reads, with all that it makes later in its transaction. */
  async function costs(isAboutOneTeam: boolean, otherTeams: number): Promise<number[]> {
    let costs: number[] = []
    await asUser(
      { sub: ann.id },
      async db => {
        await asOwner(db, async () => {
          await sql`insert into teams (id, name, slug) select gen_random_uuid(), 'Another', 'another-' || n from generate_series(1, ${otherTeams}::int) as n`.execute(
            db
          )
          await sql`insert into team_members (team_id, user_id, role) select id, ${ann.id}, 'member' from teams where slug like 'another-%'`.execute(
            db
          )
          await sql`set constraints all immediate`.execute(db)
          for (const table of ['teams', 'team_members', 'private.team_people']) await sql`analyze ${sql.table(table)}`.execute(db)
        })
        for (const [, work] of [...works.slice(0, -1), ...works]) {
          // the first time warms what Postgres remembers
          const before = await blocksFetched(db)
          await work(db)
          costs.push((await blocksFetched(db)) - before)
        }
        costs = costs.slice(works.length - 1)
        throw new RolledBack()
      },
      isAboutOneTeam ? { teamId } : {}
    ).catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error
    })
    return costs
  }

  async function asOwner(db: Db, work: () => Promise<void>): Promise<void> {
    const {
      rows: [claims]
    } = await sql<{ role: string; value: string }>`select current_user as role, current_setting('request.jwt.claims') as value`.execute(db)
    await sql`select set_config('role', 'postgres', true), set_config('request.jwt.claims', '', true)`.execute(db)
    await work()
    await sql`select set_config('role', ${claims!.role}, true), set_config('request.jwt.claims', ${claims!.value}, true)`.execute(db)
  }

  test('in a route of a team', async () => {
    // Deeper indexes read a few blocks more; a look at each team, at each statement, reads hundreds.
    const [few, many] = [await costs(true, 0), await costs(true, 300)]
    for (const [index, [does]] of works.entries())
      expect.soft(many[index]!, `${does}, ${few[index]} with no other team`).toBeLessThan(few[index]! * 1.25 + 20)
  }, 60_000)

  test('save for the list of teams itself, which the policies look up once for each table', async () => {
    const [few, many] = [await costs(false, 0), await costs(false, 300)]
    for (const [index, [does]] of works.entries())
      expect.soft(many[index]!, `${does}, ${few[index]} with no other team`).toBeLessThan(few[index]! * 2 + 200)
  }, 60_000)
})

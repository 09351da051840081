import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { asService } from '#server/db/identity'
import { open } from '#server/db/pool'
import type { Db } from '#server/db/types'
import { listAudit, listHistory } from '#server/domain/audit'
import { listReplies } from '#server/domain/reply'
import { ann } from '../support/world.ts'

let pool: ReturnType<typeof open>

beforeAll(() => {
  pool = open(inject('databaseUrl'), 2)
})
afterAll(() => pool.close())

class RolledBack extends Error {}

interface Team { id: string, ticketId: string }

/** A team of ann's with one ticket of three replies, in a transaction that is rolled back. */
async function inNewTeam(work: (db: Db, team: Team) => Promise<void>): Promise<void> {
  await asService('a test', async (db) => {
    const team = { id: randomUUID(), ticketId: randomUUID() }
    await sql`select set_config('switchboard.channel', 'import', true)`.execute(db)
    await sql`insert into teams (id, name, slug) values (${team.id}, 'Costly', ${`costly-${team.id.slice(0, 8)}`})`.execute(db)
    await sql`insert into team_members (team_id, user_id, role) values (${team.id}, ${ann.id}, 'owner')`.execute(db)
    await sql`insert into tickets (id, team_id, subject, description, created_by) values (${team.ticketId}, ${team.id}, 'The one that is opened', 'x', ${ann.id})`.execute(db)
    await sql`insert into ticket_replies (team_id, ticket_id, user_id, content) select ${team.id}, ${team.ticketId}, ${ann.id}, 'x' from generate_series(1, 3)`.execute(db)
    await work(db, team)
    throw new RolledBack()
  }, pool.kysely).catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error
  })
}

async function addTickets(db: Db, team: Team, count: number): Promise<void> {
  await sql`
    with added as (insert into tickets (team_id, subject, description, created_by) select ${team.id}, 'Another', repeat('word ', 100), ${ann.id} from generate_series(1, ${count}::int) returning id)
    insert into ticket_replies (team_id, ticket_id, user_id, content) select ${team.id}, added.id, ${ann.id}, repeat('word ', 100) from added, generate_series(1, 2)`.execute(db)
  for (const table of ['tickets', 'ticket_replies', 'ticket_events']) await sql`analyze ${sql.table(table)}`.execute(db)
}

/** Blocks of tables and indexes that `work` reads as ann, whatever statements it takes. */
async function blocksRead(db: Db, work: () => Promise<unknown>): Promise<number> {
  const fetched = async () => {
    await sql`select set_config('role', 'postgres', true)`.execute(db)
    const { rows: [row] } = await sql<{ blocks: number }>`
      select sum(pg_stat_get_xact_blocks_fetched(oid))::int as blocks from pg_class where relnamespace::regnamespace::text in ('public', 'private') and relkind in ('r', 'i')`.execute(db)
    return row!.blocks
  }
  const before = await fetched()
  await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify({ sub: ann.id, role: 'authenticated' })}, true)`.execute(db)
  await work()
  return await fetched() - before
}

describe('a team ten times as large costs no more blocks', () => {
  const newestPage = { cursor: '', page_size: 25 }
  const reads: [does: string, read: (db: Db, team: Team) => Promise<unknown>][] = [
    ['the history of a ticket', (db, team) => listHistory(db, team.id, team.ticketId, { page_size: 25 })],
    ['a page of the history of a ticket', (db, team) => listHistory(db, team.id, team.ticketId, newestPage)],
    ['the replies of a ticket', (db, team) => listReplies(db, team.id, team.ticketId, { page_size: 25 })],
    ['a page of the team\'s audit log', (db, team) => listAudit(db, team.id, ann.id, newestPage)],
    ['the audit log of one ticket, by its number', (db, team) => listAudit(db, team.id, ann.id, { ticket: 1, page_size: 25 })]
  ]

  test('to read what is bounded by a ticket or a page', () => inNewTeam(async (db, team) => {
    const small: number[] = []
    await addTickets(db, team, 100)
    for (const [, read] of reads) small.push(await blocksRead(db, () => read(db, team)))
    await addTickets(db, team, 900)
    for (const [index, [does, read]] of reads.entries()) {
      // Deeper indexes read a few blocks more; a join that reads the whole team reads several times as many.
      expect.soft(await blocksRead(db, () => read(db, team)), `${does}, ${small[index]} before`).toBeLessThan(small[index]! * 1.4 + 20)
    }
  }), 60_000)
})

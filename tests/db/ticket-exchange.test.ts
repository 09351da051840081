import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readImport } from '#shared/schemas/import'
import { ticketExport } from '#shared/schemas/ticket'
import { asUser } from '#server/db/identity'
import { open } from '#server/db/pool'
import type { Db } from '#server/db/types'
import { exchangeRequests, type ExchangedRequest } from '#server/domain/ticket/exchange'
import { exportColumns, exportTickets } from '#server/domain/ticket/export'
import { importTicket } from '#server/domain/ticket/import'
import { csvStream } from '#server/utils/csv'
import postgres, { type Sql } from 'postgres'
import { htmlToText } from '../../scripts/import/html.ts'
import { csvRows } from '../../scripts/import/rows.ts'
import { loadDemo } from '../../supabase/demo/load.ts'
import { withScratchDatabase } from '../../supabase/embedded/scratch.ts'

interface Demo { sql: Sql, teamId: string, ann: { id: string, email: string }, as: <T>(work: (db: Db) => Promise<T>) => Promise<T> }

let demo: Demo
let finish: () => void
let finished: Promise<void>

// A database of its own: the demo world is loaded into one that is empty.
beforeAll(async () => {
  await new Promise<void>((ready, fail) => {
    finished = withScratchDatabase(async ({ postgresUrl }) => {
      await loadDemo({ databaseUrl: postgresUrl, password: 'correct horse battery' })
      const sql = postgres(postgresUrl, { max: 2, onnotice: () => {} })
      const pool = open(postgresUrl, 2)
      const [row] = await sql<{ team_id: string, id: string, email: string }[]>`
        select member.team_id, person.id, person.email from public.team_members as member join public.profiles as person on person.id = member.user_id
        where person.email = 'ann@acme.test'`
      const ann = { id: row!.id, email: row!.email }
      demo = { sql, teamId: row!.team_id, ann, as: work => asUser({ sub: ann.id, email: ann.email }, work, pool.kysely) }
      const ended = new Promise<void>(resolve => finish = resolve)
      ready()
      await ended
      await pool.close()
      await sql.end()
    })
    finished.catch(fail)
  })
}, 300_000)
afterAll(async () => {
  finish()
  await finished
}, 60_000)

/** A team without tickets and without types: of Ann alone, or of everybody of `like`. */
async function emptyTeam(like?: string): Promise<string> {
  const id = randomUUID()
  await demo.sql.begin(async (sql) => {
    await sql`insert into public.teams (id, name, slug) values (${id}, 'Empty', ${`e-${id.slice(0, 8)}`})`
    await sql`insert into public.team_members (team_id, user_id, role) values (${id}, ${demo.ann.id}, 'owner')`
    if (like) await sql`insert into public.team_members (team_id, user_id, role) select ${id}, user_id, role from public.team_members where team_id = ${like} and user_id <> ${demo.ann.id}`
  })
  return id
}

async function exported(teamId: string): Promise<ExchangedRequest[]> {
  return demo.as(async db => Array.fromAsync(exchangeRequests(db, teamId)))
}

async function importAll(teamId: string, records: unknown[]): Promise<void> {
  for (const record of records) {
    const reading = readImport(record, { htmlToText })
    if ('issues' in reading) throw new Error(JSON.stringify(reading.issues))
    await demo.as(db => importTicket(db, teamId, reading.request))
  }
}

/** What is the same on both sides: all but ids, and microseconds that keep replies of one moment in their order. */
function comparable(requests: ExchangedRequest[]): object[] {
  return requests.map(({ id: _, replies, ...request }) => ({
    ...request, created_at: instantOf(request.created_at), replies: replies.map(reply => ({ ...reply, created_at: instantOf(reply.created_at) }))
  }))
}

function instantOf(time: unknown): string {
  return new Date(String(time)).toISOString()
}

describe('what is exported and imported again', () => {
  test('with its conversations is the same, in a team of the same people', { timeout: 120_000 }, async () => {
    const first = await exported(demo.teamId)
    expect(first.length).toBeGreaterThan(50)
    const lines = first.map(request => JSON.stringify(request))
    const team = await emptyTeam(demo.teamId)
    await importAll(team, lines.map(line => JSON.parse(line) as unknown))
    expect(comparable(await exported(team))).toEqual(comparable(first))
  })

  test('in a team of other people keeps whose words are whose, and assigns nobody', { timeout: 120_000 }, async () => {
    const first = await exported(demo.teamId)
    const team = await emptyTeam()
    await importAll(team, first)
    const withoutAssignees = first.map(({ assignee, ...request }) => assignee === demo.ann.email ? { ...request, assignee } : request) as ExchangedRequest[]
    expect(comparable(await exported(team))).toEqual(comparable(withoutAssignees))
  })

  test('as CSV is the same, texts that a spreadsheet would run included', { timeout: 120_000 }, async () => {
    const source = await emptyTeam(demo.teamId)
    const texts = ['=1+1', '\'=1+1', '\'\'=1+1', '+49 30 1234', '-5 °C, again', '@bob', '\'quoted\'', 'Monitor 24" broken', 'a;b|c', '  =x']
    await importAll(source, [...(await exported(demo.teamId)).map(request => ({ ...request, replies: [] })), ...texts.map((text, index) => ({ id: `text-${index}`, title: text.trim(), body: `${text}\r\nnext "line"\nthird`, requester_name: text.trim() }))])
    const file = async (teamId: string) => demo.as(async (db) => {
      const query = ticketExport.parse({ sort: 'ticket_number', order: 'asc' })
      return Buffer.concat(await Array.fromAsync(csvStream(exportColumns, exportTickets(db, teamId, demo.ann.id, query)) as AsyncIterable<Buffer | string>, chunk => typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
    })
    async function* chunksOf(bytes: Buffer) {
      for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
    }
    const records = async (bytes: Buffer) => (await Array.fromAsync(csvRows(chunksOf(bytes)))).map((row) => {
      if ('problem' in row) throw new Error(`${row.line}: ${row.problem}`)
      return row.value as Record<string, unknown>
    })
    const first = await records(await file(source))
    const team = await emptyTeam(demo.teamId)
    await importAll(team, first)
    const cells = (rows: Record<string, unknown>[]) => rows.map(({ id: _, updated_at: __, ...row }) => row)
    expect(cells(await records(await file(team)))).toEqual(cells(first))
  })
})

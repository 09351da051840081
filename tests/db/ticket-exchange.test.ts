import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { maxImportBytes, readImport, readImportPart, type ImportRequest } from '#shared/schemas/import'
import { ticketExport } from '#shared/schemas/ticket'
import { asUser } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import type { Db } from '#server/db/types'
import { exchangeRequests, type ExchangedPart, type ExchangedRequest } from '#server/domain/ticket/exchange'
import { exportColumns, exportTickets } from '#server/domain/ticket/export'
import { importReplies, importTicket } from '#server/domain/ticket/import'
import { csvStream } from '#server/utils/csv'
import postgres, { type Sql } from 'postgres'
import { htmlToText } from '../../scripts/import/html.ts'
import { csvRows } from '../../scripts/import/rows.ts'
import { loadDemo } from '../../supabase/demo/load.ts'
import { withScratchDatabase } from '../../supabase/embedded/scratch.ts'

interface Demo {
  sql: Sql
  teamId: string
  ann: { id: string; email: string }
  as: <T>(work: (db: Db) => Promise<T>) => Promise<T>
}

let demo: Demo
let finish: () => void
let finished: Promise<void>

// A separate database, because the demo data needs an empty one.
beforeAll(async () => {
  await new Promise<void>((ready, fail) => {
    finished = withScratchDatabase(
      async ({ postgresUrl }) => {
        await loadDemo({ databaseUrl: postgresUrl, password: 'correct horse battery' })
        const sql = postgres(postgresUrl, { max: 2, onnotice: () => {} })
        configureDatabase(postgresUrl, 2)
        const [row] = await sql<{ team_id: string; id: string; email: string }[]>`
          select member.team_id, person.id, person.email from public.team_members as member
          join public.profiles as person on person.id = member.user_id
          where person.email = 'ann@acme.test'`
        const ann = { id: row!.id, email: row!.email }
        demo = { sql, teamId: row!.team_id, ann, as: work => asUser({ sub: ann.id, email: ann.email }, work, { timeout: 'export' }) }
        const ended = new Promise<void>(resolve => (finish = resolve))
        ready()
        await ended
        await closePool()
        await sql.end()
      },
      { isDurable: false }
    )
    finished.catch(fail)
  })
}, 300_000)
afterAll(async () => {
  finish()
  await finished
}, 60_000)

/** Creates a team without tickets and types, with Ann as its only member or with all members of `like`. */
async function createEmptyTeam(like?: string): Promise<string> {
  const id = randomUUID()
  await demo.sql.begin(async sql => {
    await sql`insert into public.teams (id, name, slug) values (${id}, 'Empty', ${`e-${id.slice(0, 8)}`})`
    await sql`insert into public.team_members (team_id, user_id, role) values (${id}, ${demo.ann.id}, 'owner')`
    if (like)
      await sql`
        insert into public.team_members (team_id, user_id, role) select ${id}, user_id, role from public.team_members
        where team_id = ${like} and user_id <> ${demo.ann.id}`
  })
  return id
}

async function readRecords(teamId: string): Promise<(ExchangedRequest | ExchangedPart)[]> {
  return demo.as(async db => Array.fromAsync(exchangeRequests(db, teamId)))
}

/** The exported requests of a team, each with its whole conversation. */
async function exportAll(teamId: string): Promise<ExchangedRequest[]> {
  const requests: ExchangedRequest[] = []
  for (const { continues: _, ...record } of await readRecords(teamId)) {
    if ('title' in record) requests.push(record as ExchangedRequest)
    else requests.at(-1)!.replies.push(...record.replies)
  }
  return requests
}

async function importAll(teamId: string, records: unknown[]): Promise<void> {
  const rest = records.values()
  const next = () => rest.next().value
  for (let record = next(); record; record = next()) {
    const reading = readImport(record, { htmlToText })
    if ('issues' in reading) throw new Error(JSON.stringify(reading.issues))
    expect(reading.notes).toEqual([])
    await demo.as(async db => {
      expect(await importTicket(db, teamId, reading.request)).toEqual(expect.any(Array))
      let [stated, isOpen] = [reading.request.replies.at(-1)?.created_at ?? null, reading.continues]
      while (isOpen) {
        const part = readImportPart(next(), reading.request, { htmlToText })
        if ('issues' in part) throw new Error(JSON.stringify(part.issues))
        expect(await importReplies(db, teamId, reading.request, { replies: part.replies, stated })).toEqual([])
        ;[stated, isOpen] = [part.replies.at(-1)!.created_at, part.continues]
      }
    })
  }
}

type Fields = Partial<ImportRequest['ticket']>
type Replies = Partial<ImportRequest['replies'][number]>[]

/** Imports a ticket without the limits of a file, at most 500 replies in one statement. */
async function writeTicket(teamId: string, fields: Fields, replies: Replies): Promise<void> {
  const ticket = {
    subject: 'x',
    description: 'x',
    format: 'text',
    status: 'open',
    priority: 'normal',
    severity: 3,
    tags: [],
    category: 'other',
    route: [],
    ...fields
  } as unknown as ImportRequest['ticket']
  const all = replies.map((reply, index) => ({
    path: `replies[${index}]`,
    content: 'x',
    format: 'text' as const,
    is_internal: false,
    created_at: null,
    author: null,
    ...reply
  }))
  const request: ImportRequest = { source_id: randomUUID(), ticket, replies: all.slice(0, 500) }
  await demo.as(async db => {
    await importTicket(db, teamId, request)
    for (let start = 500; start < all.length; start += 500)
      await importReplies(db, teamId, request, { replies: all.slice(start, start + 500), stated: all[start - 1]!.created_at })
  })
}

async function importAgain(teamId: string): Promise<string> {
  const team = await createEmptyTeam(demo.teamId)
  await importAll(
    team,
    (await readRecords(teamId)).map(record => JSON.parse(JSON.stringify(record)) as unknown)
  )
  return team
}

/** Drops what an import changes: ids, and the microseconds that keep replies of the same time in order. */
function normalize(requests: ExchangedRequest[]): object[] {
  return requests.map(({ id: _, replies, ...request }) => ({
    ...request,
    created_at: toInstant(request.created_at),
    replies: replies.map(reply => ({ ...reply, created_at: toInstant(reply.created_at) }))
  }))
}

function toInstant(time: unknown): string {
  return new Date(String(time)).toISOString()
}

describe('export and import', () => {
  test('importing into a team of the same people keeps requests and conversations unchanged', { timeout: 120_000 }, async () => {
    const first = await exportAll(demo.teamId)
    expect(first.length).toBeGreaterThan(50)
    const lines = first.map(request => JSON.stringify(request))
    const team = await createEmptyTeam(demo.teamId)
    await importAll(
      team,
      lines.map(line => JSON.parse(line) as unknown)
    )
    expect(normalize(await exportAll(team))).toEqual(normalize(first))
  })

  test('importing into a team of other people keeps authors as names and drops unknown assignees', { timeout: 120_000 }, async () => {
    const first = await exportAll(demo.teamId)
    const team = await createEmptyTeam()
    await importAll(team, first)
    // The address of a non-member becomes a name: a third team would otherwise credit the words to its own member.
    const asName = (author: ExchangedRequest['replies'][number]['author']) =>
      typeof author === 'string' && author.includes('@') && author !== demo.ann.email ? { kind: 'agent' as const, name: author } : author
    const expected = first.map(({ assignee, replies, ...request }) => ({
      ...request,
      ...(assignee === demo.ann.email && { assignee }),
      replies: replies.map(reply => ({ ...reply, author: asName(reply.author) }))
    })) as ExchangedRequest[]
    expect(normalize(await exportAll(team))).toEqual(normalize(expected))
  })

  test('a conversation that is too long for one record continues in further records, in order', { timeout: 120_000 }, async () => {
    const source = await createEmptyTeam(demo.teamId)
    // Seven replies share a time, also where a record ends.
    const at = (index: number) => new Date(Date.UTC(2025, 0, 1, 0, Math.floor(index / 7))).toISOString()
    await writeTicket(
      source,
      { subject: 'Many', status: 'closed' },
      Array.from({ length: 2_301 }, (_, index) => ({ content: `Reply ${index}`, created_at: at(index) }))
    )
    await writeTicket(
      source,
      { subject: 'Large', description: '\u0001'.repeat(49_999) + 'x' },
      Array.from({ length: 20 }, (_, index) => ({
        content: `${index} ${'\u0001'.repeat(index % 2 ? 49_000 : 1)} ${'🎫'.repeat(900)}`,
        author: { kind: 'requester' as const }
      }))
    )
    await writeTicket(source, { subject: 'Small' }, [{}])
    const lines = (await readRecords(source)).map(record => JSON.stringify(record))
    expect(Math.max(...lines.map(line => Buffer.byteLength(line)))).toBeLessThanOrEqual(maxImportBytes)
    expect(lines.length).toBeGreaterThanOrEqual(3 + 4 + 1)
    const [first, again] = [await exportAll(source), await exportAll(await importAgain(source))]
    expect(again.map(({ title, replies }) => [title, replies.length])).toEqual([
      ['Many', 2_301],
      ['Large', 20],
      ['Small', 1]
    ])
    expect(again[0]!.replies.map(({ content }) => content)).toEqual(Array.from({ length: 2_301 }, (_, index) => `Reply ${index}`))
    expect(normalize(again)).toEqual(normalize(first))
  })

  test('an import keeps the author of each reply, even when names and addresses are ambiguous', { timeout: 120_000 }, async () => {
    const source = await createEmptyTeam(demo.teamId)
    await writeTicket(source, { requester_name: 'Rita', requester_email: 'rita@client.test' }, [
      { author: { kind: 'requester' } },
      { author: { kind: 'requester', name: 'Her sister' } },
      { author: { kind: 'agent', name: 'Rita' }, is_internal: true },
      { author: { kind: 'agent', name: 'Requester' }, is_internal: true },
      { author: { kind: 'agent', name: 'Sam' } },
      { author: { kind: 'agent', name: demo.ann.email } },
      { author: { kind: 'agent', name: `S${'a'.repeat(300)}m` } }
    ])
    await writeTicket(source, { requester_name: 'Ann', requester_email: demo.ann.email }, [
      { is_internal: true },
      { author: { kind: 'requester' } }
    ])
    await writeTicket(source, {}, [{ author: { kind: 'requester' } }])
    const stored = (team: string) => demo.sql`
      select reply.author_kind, reply.external_author, reply.is_internal,
        reply.external_author is null and reply.user_id = ${demo.ann.id} as is_ann
      from ticket_replies as reply join tickets as ticket on ticket.id = reply.ticket_id
      where reply.team_id = ${team} order by ticket.ticket_number, reply.created_at`
    expect(await stored(await importAgain(source))).toEqual(await stored(source))
  })

  test('a reply that grows past the length limit when mentions become names is split', { timeout: 120_000 }, async () => {
    const source = await createEmptyTeam(demo.teamId)
    await demo.sql`update profiles set full_name = ${'Ann Archer of the long name '.repeat(3).trim()} where id = ${demo.ann.id}`
    try {
      await writeTicket(source, {}, [{ content: `<@${demo.ann.id}>\n`.repeat(1_200) }, { content: 'Next' }])
      const [request] = await exportAll(await importAgain(source))
      expect(request!.replies).toHaveLength(4)
      expect(
        request!.replies
          .slice(0, 3)
          .map(({ content }) => content)
          .join('')
      ).toBe(`@${'Ann Archer of the long name '.repeat(3).trim()}\n`.repeat(1_200))
    } finally {
      await demo.sql`update profiles set full_name = 'Ann Archer' where id = ${demo.ann.id}`
    }
  })

  test('a CSV export is imported unchanged, including texts that a spreadsheet would run as formulas', { timeout: 120_000 }, async () => {
    const source = await createEmptyTeam(demo.teamId)
    const texts = ['=1+1', "'=1+1", "''=1+1", '+49 30 1234', '-5 °C, again', '@bob', "'quoted'", 'Monitor 24" broken', 'a;b|c', '  =x']
    await importAll(source, [
      ...(await exportAll(demo.teamId)).map(request => ({ ...request, replies: [] })),
      ...texts.map((text, index) => ({
        id: `text-${index}`,
        title: text.trim(),
        body: `${text}\r\nnext "line"\nthird`,
        requester_name: text.trim()
      }))
    ])
    const exportCsv = async (teamId: string) =>
      demo.as(async db => {
        const query = ticketExport.parse({ sort: 'ticket_number', order: 'asc' })
        return Buffer.concat(
          await Array.fromAsync(
            csvStream(exportColumns, exportTickets(db, { teamId, userId: demo.ann.id }, query)) as AsyncIterable<Buffer | string>,
            chunk => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
          )
        )
      })
    async function* splitBytes(bytes: Buffer) {
      for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
    }
    const parseCsv = async (bytes: Buffer) =>
      (await Array.fromAsync(csvRows(splitBytes(bytes)))).map(row => {
        if ('problem' in row) throw new Error(`${row.line}: ${row.problem}`)
        return row.value as Record<string, unknown>
      })
    const first = await parseCsv(await exportCsv(source))
    const team = await createEmptyTeam(demo.teamId)
    await importAll(team, first)
    const dropChanged = (rows: Record<string, unknown>[]) => rows.map(({ id: _, updated_at: __, ...row }) => row)
    expect(dropChanged(await parseCsv(await exportCsv(team)))).toEqual(dropChanged(first))
  })
})

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Reply, Ticket } from '#shared/types/api'
import { projectRoot } from '../../supabase/embedded/cli.ts'
import { api, readTeamRows, database, newTeam } from '../support/api.ts'
import { newAddress } from '../support/mail.ts'
import { product } from '../support/own-product.ts'
import { ann, bob, dan, vera } from '../support/world.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-import-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const requests = [
  {
    id: 'r-1',
    title: 'Der Drucker druckt nicht',
    body: 'Seit heute früh.\n\n- Papier ist da\n- Toner auch',
    replies: ['Welches Modell?', 'HL-2030', 'Bitte neu starten.']
  },
  {
    id: 2,
    subject: 'لا أستطيع تسجيل الدخول',
    description: 'تظهر رسالة خطأ',
    status: 'resolved',
    priority: 'urgent',
    severity: 1,
    category: 'bug',
    tags: ['Login', 'SSO'],
    requester: { name: 'Layla', email: 'Layla@Example.test' },
    replies: [
      { content: 'Known: certificate expired.', is_internal: true },
      { body: 'Fixed, please try again.', author: 'Sam' }
    ]
  },
  { id: 'r-3', title: '請求書について', body: '```\n<b>not bold</b>\n```', requester_name: '田中', source: 'https://forum.example/3' },
  {
    id: 'r-4',
    title: 'Only a title 🙂',
    body: '  ',
    status: 'closed',
    created_at: '2024-02-29T23:59:59+02:00',
    replies: [{ content: 'First', created_at: '2024-03-01T08:00:00Z' }, 'Second']
  }
]

const jsonLines = (rows: unknown[]) => rows.map(row => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n')
const slugOf = async (teamId: string) => (await database()<[{ slug: string }]>`select slug from teams where id = ${teamId}`)[0].slug

async function writeInput(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

function startImport(args: string[]): ChildProcess {
  return spawn(process.execPath, [join(projectRoot, 'scripts', 'import.ts'), ...args], {
    cwd: projectRoot,
    env: { ...process.env, DATABASE_URL: product().databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe']
  })
}

async function run(...args: string[]): Promise<{ code: number | null; lines: string[]; errors: string }> {
  const child = startImport(args)
  let [output, errors] = ['', '']
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, lines: output.split('\n').filter(line => line !== ''), errors }
}

/** The imported tickets by number, with their replies, as the routes answer them. */
async function readImported(teamId: string): Promise<{ ticket: Ticket; replies: Reply[] }[]> {
  const { body } = await api<Ticket[]>(ann, 'GET', `/teams/${teamId}/tickets?sort=ticket_number&order=asc`)
  return Promise.all(
    body
      .filter(ticket => ticket.channel === 'import')
      .map(async ticket => ({ ticket, replies: (await api<Reply[]>(ann, 'GET', `/teams/${teamId}/tickets/${ticket.id}/replies`)).body }))
  )
}

// The fields in which two imports of the same requests must agree.
function comparableFields(rows: Awaited<ReturnType<typeof readImported>>) {
  return rows.map(
    ({
      ticket: {
        subject,
        description,
        status,
        priority,
        severity,
        category,
        tags,
        requester_name,
        requester_email,
        reply_count,
        ticket_number
      },
      replies
    }) => ({
      subject,
      description,
      status,
      priority,
      severity,
      category,
      tags,
      requester_name,
      requester_email,
      reply_count,
      ticket_number,
      replies: replies.map(({ content, is_internal, author_name }) => ({ content, is_internal, author_name }))
    })
  )
}

describe('an import', () => {
  test("an import writes every request in the order of the file, with its conversation, in the owner's name", async () => {
    const team = await newTeam()
    const { code, lines } = await run(await writeInput('four.jsonl', jsonLines(requests)), '--team', await slugOf(team.id))
    expect(lines.at(-1)).toMatch(/^4 requests: 4 imported, 0 imported before, 0 refused/)
    expect(lines).toContain('Fields that are not imported: source (1)')
    expect(lines).toContain('1 request without a body: the title is used instead')
    expect(code).toBe(0)

    const rows = await readImported(team.id)
    expect(rows.map(({ ticket }) => [ticket.ticket_number, ticket.subject])).toEqual(
      requests.map((request, index) => [5 + index, request.title ?? request.subject])
    )
    expect(rows.map(({ ticket }) => ticket.description)).toEqual([
      requests[0]!.body,
      requests[1]!.description,
      requests[2]!.body,
      'Only a title 🙂'
    ])
    expect(rows.map(({ replies }) => replies.map(reply => reply.content))).toEqual([
      ['Welches Modell?', 'HL-2030', 'Bitte neu starten.'],
      ['Known: certificate expired.', 'Fixed, please try again.'],
      [],
      ['First', 'Second']
    ])
    expect(rows[1]!.ticket).toMatchObject({
      status: 'resolved',
      priority: 'urgent',
      severity: 1,
      category: 'bug',
      tags: ['login', 'sso'],
      requester_name: 'Layla',
      requester_email: 'layla@example.test',
      created_by: ann.id,
      reply_count: 2
    })
    expect(rows[1]!.replies.map(reply => reply.is_internal)).toEqual([true, false])
    expect(rows[1]!.ticket.first_response_at).toBe(rows[1]!.replies[1]!.created_at)
    expect(rows[2]!.ticket).toMatchObject({
      status: 'open',
      priority: 'normal',
      severity: 3,
      category: 'other',
      tags: [],
      requester_name: '田中',
      requester_email: null,
      first_response_at: null
    })
  })

  test('an import keeps the times that the file gives', async () => {
    const team = await newTeam()
    await run(await writeInput('times.jsonl', jsonLines(requests)), '--team', await slugOf(team.id))
    const { ticket, replies } = (await readImported(team.id))[3]!
    expect(Date.parse(ticket.created_at)).toBe(Date.parse('2024-02-29T21:59:59Z'))
    expect(replies.map(reply => reply.created_at.slice(0, 19))).toEqual(['2024-03-01T08:00:00', '2024-03-01T08:00:00'])
    for (const time of [ticket.resolved_at, ticket.closed_at, ticket.last_activity_at, ticket.first_response_at])
      expect(time).toMatch(/^2024-03-01T08:00:00/)
  })

  test('an import of CSV creates the same tickets as an import of JSON Lines', async () => {
    const [fromJson, fromCsv] = [await newTeam(), await newTeam()]
    const columns = [
      'id',
      'title',
      'body',
      'status',
      'priority',
      'severity',
      'category',
      'tags',
      'requester_name',
      'requester_email',
      'replies',
      'created_at',
      'source'
    ]
    const rows = requests.map(request => {
      const { subject, description, requester, replies, tags, ...rest } = request as Record<string, unknown> & {
        requester?: { name: string; email: string }
      }
      return {
        title: subject,
        body: description,
        requester_name: requester?.name,
        requester_email: requester?.email,
        tags: (tags as string[] | undefined)?.join(', '),
        replies: replies && JSON.stringify(replies),
        ...rest
      } as Record<string, unknown>
    })
    const csv = [columns, ...rows.map(row => columns.map(column => row[column] ?? ''))]
      .map(cells => cells.map(cell => `"${String(cell).replaceAll('"', '""')}"`).join(','))
      .join('\r\n')
    const asJson = await run(await writeInput('same.jsonl', jsonLines(requests)), '--team', await slugOf(fromJson.id))
    const asCsv = await run(await writeInput('same.csv', `\uFEFF${csv}\r\n`), '--team', await slugOf(fromCsv.id))
    expect([asJson.code, asCsv.code]).toEqual([0, 0])
    const tickets = comparableFields(await readImported(fromCsv.id))
    expect(tickets).toHaveLength(4)
    expect(tickets).toEqual(comparableFields(await readImported(fromJson.id)))
  })

  test('an import that runs twice writes nothing twice and restores no deleted ticket', async () => {
    const team = await newTeam()
    const args = [await writeInput('twice.jsonl', jsonLines(requests)), '--team', await slugOf(team.id)]
    await run(...args)
    expect((await api(ann, 'DELETE', `/teams/${team.id}/tickets/${(await readImported(team.id))[0]!.ticket.id}`)).status).toBe(204)
    const before = await readTeamRows(team.id)
    const again = await run(...args)
    expect(again.lines.at(-1)).toMatch(/^4 requests: 0 imported, 4 imported before, 0 refused/)
    expect(again.code).toBe(0)
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('an import that is killed and then runs again has written every request exactly once', { timeout: 90_000 }, async () => {
    const team = await newTeam()
    const many = Array.from({ length: 80 }, (_, index) => ({
      id: `k-${index}`,
      title: `Request ${index}`,
      body: `Body ${index}`,
      replies: [`Answer ${index}`, `And thanks ${index}`]
    }))
    const args = [await writeInput('many.jsonl', jsonLines(many)), '--team', await slugOf(team.id)]
    const countImported = async () =>
      (
        await database()<
          [{ count: number }]
        >`select count(*)::integer as count from tickets where team_id = ${team.id} and channel = 'import'`
      )[0].count
    for (const enough of [10, 25]) {
      const child = startImport(args)
      const ended = once(child, 'close')
      while ((await countImported()) < enough && child.exitCode === null) await sleep(10)
      child.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
    }
    const survived = await countImported()
    expect(survived).toBeGreaterThanOrEqual(25)
    expect(survived).toBeLessThan(80)
    const { code, lines } = await run(...args)
    expect(lines.at(-1)).toMatch(new RegExp(`^80 requests: ${80 - survived} imported, ${survived} imported before, 0 refused`))
    expect(code).toBe(0)
    const rows = await readImported(team.id)
    expect(rows.map(({ ticket }) => [ticket.ticket_number, ticket.subject, ticket.description])).toEqual(
      many.map((request, index) => [5 + index, request.title, request.body])
    )
    expect(rows.map(({ replies }) => replies.map(reply => reply.content))).toEqual(many.map(request => request.replies))
  })

  test('an import that receives SIGINT finishes the current request and prints its line', async () => {
    const team = await newTeam()
    const many = Array.from({ length: 400 }, (_, index) => ({ id: index, title: `Request ${index}`, body: 'Body' }))
    const child = startImport([await writeInput('stopped.jsonl', jsonLines(many)), '--team', await slugOf(team.id)])
    let output = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text))
    while (child.exitCode === null && (await api<Ticket[]>(ann, 'GET', `/teams/${team.id}/tickets`)).body.length < 20) await sleep(5)
    child.kill('SIGINT')
    expect(await once(child, 'close')).toEqual([130, null])
    const count = (await readImported(team.id)).length
    expect(output).toContain(`Stopped after line ${count}. Run the same command again to continue.`)
    expect(count).toBeLessThan(400)
  })

  test('a dry run of an import prints what it would import and writes nothing', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    const { code, lines } = await run(
      await writeInput('dry.jsonl', jsonLines([...requests, { id: 5, title: 'No such category', body: 'x', category: 'gardening' }])),
      '--team',
      await slugOf(team.id),
      '--dry-run'
    )
    expect(lines).toContain('line 5 · id 5 · category: Not a category of this team')
    expect(lines.at(-2)).toMatch(/^5 requests: 4 would be imported, 0 imported before, 1 refused/)
    expect(lines.at(-1)).toBe('Nothing was written: this was a dry run.')
    expect(code).toBe(1)
    expect(await readTeamRows(team.id)).toBe(before)
    expect(await database()`select from private.ticket_imports where team_id = ${team.id}`).toHaveLength(0)
    expect((await api<Ticket>(ann, 'POST', `/teams/${team.id}/tickets`, { subject: 'Next', description: 'Next' })).body.ticket_number).toBe(
      5
    )
  })
})

describe('empty replies in an import', () => {
  test('an import leaves out an empty reply, prints its line, and keeps the rest of the conversation', async () => {
    const team = await newTeam()
    const rows = [
      {
        id: 'gaps',
        title: 'Gaps',
        body: 'x',
        replies: ['One', '', { content: ' \n' }, null, { content: 'Two', is_internal: true }, { content: '\u200B' }]
      },
      { id: 'bare', title: 'Bare', body: '\u200B', replies: [''] }
    ]
    const { code, lines } = await run(await writeInput('gaps.jsonl', jsonLines(rows)), '--team', await slugOf(team.id))
    expect(lines.slice(0, -1)).toEqual([
      ...[1, 2, 3, 5].map(index => `line 1 · id gaps · replies[${index}]: Is empty, and was left out`),
      'line 2 · id bare · replies[0]: Is empty, and was left out',
      '1 request without a body: the title is used instead'
    ])
    expect(code).toBe(0)
    expect((await readImported(team.id)).map(({ replies }) => replies.map(({ content }) => content))).toEqual([['One', 'Two'], []])
  })
})

describe('the counts of an import', () => {
  test.each(['\n', '\r\n', '\r'])(
    'an import counts each record of a file as imported or as refused with its line (line ending %j)',
    async end => {
      const team = await newTeam()
      const csv = [
        'id;title;body',
        '1;Monitor 24" broken;x',
        '2;Second;y',
        '',
        '3;Cable 5" long;z',
        '4;Too;many;cells',
        '5;"Two',
        'lines";x',
        '6;"never closed;x',
        '7;Seven;x\0y',
        '8;Eight;x'
      ].join(end)
      const { code, lines } = await run(
        await writeInput('count.csv', Buffer.from(`\uFEFF${csv}`, 'utf16le')),
        '--team',
        await slugOf(team.id)
      )
      expect(lines.slice(0, -1)).toEqual([
        'line 6 · Has 4 columns, the header has 3',
        'lines 7 to 8 · id 5 · title: Subject must be on one line',
        'line 9 · A quote is never closed',
        'line 10 · id 7 · body: Contains characters that cannot be stored'
      ])
      expect(lines.at(-1)).toMatch(/^8 requests: 4 imported, 0 imported before, 4 refused/)
      expect(code).toBe(1)
      expect((await readImported(team.id)).map(({ ticket }) => ticket.subject)).toEqual([
        'Monitor 24" broken',
        'Second',
        'Cable 5" long',
        'Eight'
      ])
    }
  )

  test('an import of a file without records counts 0 requests', async () => {
    const slug = await slugOf((await newTeam()).id)
    for (const path of [
      await writeInput('header.csv', 'id,title\n'),
      await writeInput('nothing.jsonl', ''),
      await writeInput('blank.jsonl', '\n\r\n\r')
    ]) {
      const { code, lines } = await run(path, '--team', slug)
      expect([code, lines.length]).toEqual([0, 1])
      expect(lines[0]).toMatch(/^0 requests: 0 imported, 0 imported before, 0 refused/)
    }
  })
})

describe('mails and notifications of an import', () => {
  test('an import causes no mails or notifications, and resolving an imported ticket then causes the mails of a resolution', async () => {
    const team = await newTeam()
    const address = newAddress('client')
    const mails = () =>
      database()<{ kind: string }[]>`select kind from mails where team_id = ${team.id} and recipient = ${address} order by kind`
    const rows = ['open', 'waiting', 'resolved', 'closed'].map(status => ({
      id: status,
      title: status,
      body: 'x',
      status,
      created_at: '2024-01-01T00:00:00Z',
      requester_email: address,
      replies: ['Public', { content: 'Note', is_internal: true }]
    }))
    await run(await writeInput('silent.jsonl', jsonLines(rows)), '--team', await slugOf(team.id))
    expect(
      await database()`select channel from ticket_events where team_id = ${team.id} and ticket_number > 4 and channel <> 'import'`
    ).toEqual([])
    const [open] = await readImported(team.id)
    expect((await api(bob, 'PATCH', `/teams/${team.id}/tickets/${open!.ticket.id}`, { status: 'resolved' })).status).toBe(200)
    await vi.waitFor(async () => expect(await mails()).toEqual([{ kind: 'rating_request' }, { kind: 'status_changed' }]), {
      timeout: 10_000
    })
    expect(await database()`select from notifications where team_id = ${team.id} and ticket_id <> ${open!.ticket.id}`).toEqual([])
  })
})

describe('the output of an import', () => {
  test('an import continues when its standard output is closed, and reports that on standard error', async () => {
    const team = await newTeam()
    const many = Array.from({ length: 60 }, (_, index) => ({ id: index, title: index % 2 ? `Request ${index}` : '', body: 'Body' }))
    const child = startImport([await writeInput('head.jsonl', jsonLines(many)), '--team', await slugOf(team.id)])
    let errors = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text))
    child.stdout!.once('data', () => child.stdout!.destroy())
    expect(await once(child, 'close')).toEqual([1, null])
    expect(errors).toContain(
      'Further output is lost (its reader closed the pipe). The import continues; run the same command again to see what it refuses.\n'
    )
    expect(errors).not.toContain('database')
    expect(await readImported(team.id)).toHaveLength(30)
  })
})

describe('requests that an import refuses', () => {
  test('an import prints line, id and field of each refused request and continues', async () => {
    const team = await newTeam()
    const good = (id: string) => ({ id, title: `Good ${id}`, body: 'Fine' })
    // The numbers are the lines of the file.
    const content = [
      good('a'), // 1
      '{"id": "broken", "title": ', // 2
      Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), // 3
      { ...good('nul'), body: 'a\0b' }, // 4
      String.raw`{"id": "surrogate", "title": "Half \ud83d", "body": "x"}`, // 5
      { ...good('long'), body: 'x'.repeat(50_001) }, // 6
      { ...good('longer'), body: 'x'.repeat(1_000_001) }, // 7
      '', // 8
      { title: 'No id', body: 'x' }, // 9
      { id: 'untitled', body: 'x' }, // 10
      good('a'), // 11
      { ...good('fields'), status: 'done', severity: 9, requester: { email: 'nobody' } }, // 12
      { ...good('replies'), replies: ['ok', '', { content: 7 }, 8, { content: 'x', created_at: '2999-01-01T00:00:00Z' }] }, // 13
      '[1, 2]', // 14
      { ...good('\u001B[31mred\u202E'), priority: 'asap' }, // 15
      { ...good('separator'), body: 'one\u2028two' }, // 16
      good('z') // 17
    ].map(row => (Buffer.isBuffer(row) ? row : Buffer.from(typeof row === 'string' ? row : JSON.stringify(row))))
    const bytes = Buffer.concat(content.flatMap(line => [line, Buffer.from('\n')]))
    const { code, lines } = await run(await writeInput('bad.jsonl', bytes), '--team', await slugOf(team.id))
    expect(lines.slice(0, -1)).toEqual([
      'line 2 · Not valid JSON',
      'line 3 · Not valid UTF-8',
      'line 4 · id nul · body: Contains characters that cannot be stored',
      'line 5 · id surrogate · title: Contains characters that cannot be stored',
      'line 6 · id long · body: Description must be at most 50000 characters',
      'line 7 · Longer than 1 MB',
      'line 9 · id: Id is required',
      'line 10 · id untitled · title: Subject is required',
      'line 11 · id a · id: Duplicate of line 1',
      'line 12 · id fields · status: Not a ticket status',
      'line 12 · id fields · severity: Severity is 1 to 5',
      'line 12 · id fields · requester_email: Not a valid e-mail address',
      'line 13 · id replies · replies[2]: Reply must be text',
      'line 13 · id replies · replies[3]: A reply is text or an object',
      'line 13 · id replies · replies[4].created_at: Is in the future',
      'line 14 · Not an object',
      String.raw`line 15 · id \u001b[31mred\u202e · id: Id must be on one line`,
      String.raw`line 15 · id \u001b[31mred\u202e · title: Subject must be on one line`,
      String.raw`line 15 · id \u001b[31mred\u202e · priority: Not a ticket priority`
    ])
    expect(lines.at(-1)).toMatch(/^16 requests: 3 imported, 0 imported before, 13 refused/)
    expect(code).toBe(1)
    expect((await readImported(team.id)).map(({ ticket }) => ticket.subject)).toEqual(['Good a', 'Good separator', 'Good z'])
    expect((await readImported(team.id))[1]!.ticket.description).toBe('one\u2028two')
  })

  test('an import writes a conversation in several records as one ticket, or not at all', { timeout: 120_000 }, async () => {
    const team = await newTeam()
    const begin = (id: string, more: object = {}) => ({
      id,
      title: `Title ${id}`,
      body: 'x',
      replies: ['One', ''],
      continues: true,
      ...more
    })
    // The numbers are the lines that the report names.
    const rows: unknown[] = [
      begin('a'),
      { id: 'a', replies: ['Two'], continues: true },
      { id: 'a', replies: [{ content: 'Three', mood: 'good' }] }, // 1
      begin('b'),
      { id: 'b', replies: ['ok', 8], continues: true },
      { id: 'b', replies: ['Three'] }, // 4
      begin('c'), // 7
      begin('d', { status: 'done' }),
      { id: 'd', replies: ['Two'] }, // 8
      begin('e'),
      '{"id": "e", "replies": [',
      { id: 'e', replies: ['Three'] }, // 10
      begin('f'),
      { id: 'f', replies: ['x'], continues: 7 }, // 13
      { id: 'a', replies: ['Four'] }, // 15
      { id: 'z', title: 'Title z', body: 'x' } // 16
    ]
    const path = await writeInput('parts.jsonl', jsonLines(rows))
    const { code, lines } = await run(path, '--team', await slugOf(team.id))
    expect(lines.slice(0, -1)).toEqual([
      'line 1 · id a · replies[1]: Is empty, and was left out',
      'line 5 · id b · replies[1]: A reply is text or an object',
      'line 7 · id c · continues: The next record does not continue this conversation',
      'line 8 · id d · status: Not a ticket status',
      'line 10 · id e · continues: The next record does not continue this conversation',
      'line 11 · Not valid JSON',
      'line 12 · id e · title: Subject is required',
      'line 14 · id f · continues: Must be true or false',
      'line 15 · id a · title: Subject is required',
      'Fields that are not imported: replies[].mood (1)'
    ])
    expect(lines.at(-1)).toMatch(/^10 requests: 2 imported, 0 imported before, 8 refused/)
    expect(code).toBe(1)
    expect(
      (await readImported(team.id)).map(({ ticket, replies }) => [
        ticket.subject,
        ticket.reply_count,
        replies.map(({ content }) => content)
      ])
    ).toEqual([
      ['Title a', 3, ['One', 'Two', 'Three']],
      ['Title z', 0, []]
    ])
    const again = await run(path, '--team', await slugOf(team.id))
    expect(again.lines.at(-1)).toMatch(/^10 requests: 0 imported, 2 imported before, 8 refused/)
  })

  test('an import refuses a broken line of CSV and imports the other lines', async () => {
    const team = await newTeam()
    const csv = [
      'Id,Title,Body,Replies',
      '1,One,"two\nlines",',
      '2,Two,too few',
      '3,Three,x,not json',
      '4,Four,"never "closed,',
      '5,Five,fine,"[""yes""]"',
      '6,Six,"never closed,',
      '7,Seven,fine,'
    ].join('\n')
    const { code, lines } = await run(await writeInput('bad.csv', csv), '--team', await slugOf(team.id))
    expect(lines.slice(0, -1).map(line => line.slice(0, 60))).toEqual([
      'line 4 · Has 3 columns, the header has 4',
      'line 5 · replies: Not valid JSON',
      'line 6 · A quote inside of quotes must be written twice',
      'line 8 · A quote is never closed'
    ])
    expect(code).toBe(1)
    expect((await readImported(team.id)).map(({ ticket, replies }) => [ticket.subject, ticket.description, replies.length])).toEqual([
      ['One', 'two\nlines', 0],
      ['Five', 'fine', 1],
      ['Seven', 'fine', 0]
    ])
  })

  test('an import refuses the requests that its member may not create and imports the others', async () => {
    const team = await newTeam()
    const { code, lines } = await run(
      await writeInput('closed.jsonl', jsonLines(requests)),
      '--team',
      await slugOf(team.id),
      '--as',
      bob.email.toUpperCase()
    )
    expect(lines[0]).toBe('line 4 · id r-4 · Your role does not allow this')
    expect(code).toBe(1)
    const rows = await readImported(team.id)
    expect(rows).toHaveLength(3)
    expect(new Set(rows.map(({ ticket }) => ticket.created_by))).toEqual(new Set([bob.id]))
    expect(new Set(rows.flatMap(({ replies }) => replies.filter(({ author }) => author.id !== null).map(reply => reply.user_id)))).toEqual(
      new Set([bob.id])
    )
  })

  test(
    'an import by a viewer or a stranger, of an unknown team or of an unreadable file ends before its first request',
    { timeout: 120_000 },
    async () => {
      const team = await newTeam()
      const before = await readTeamRows(team.id)
      const slug = await slugOf(team.id)
      const path = await writeInput('refused.jsonl', jsonLines(requests))
      const refusals: [string[], string | RegExp][] = [
        [[path, '--team', slug, '--as', vera.email], `vera@acme.test is viewer of ${slug}, and may not create tickets\n`],
        [[path, '--team', slug, '--as', dan.email], `dan@initech.test is not a member of ${slug}\n`],
        [[path, '--team', slug, '--as', 'nobody@nowhere.test'], `nobody@nowhere.test is not a member of ${slug}\n`],
        [[path, '--team', 'nowhere'], 'There is no team nowhere\n'],
        [[join(folder, 'missing.jsonl'), '--team', slug], /missing\.jsonl cannot be read: ENOENT\n$/],
        [[await writeInput('requests.xlsx', 'x'), '--team', slug], /requests\.xlsx is neither \.jsonl/],
        [[await writeInput('columns.csv', 'number;subject\n1;x\n'), '--team', slug], /^The header needs the columns id and title/],
        [
          [await writeInput('utf32.csv', Buffer.from([0xff, 0xfe, 0, 0, 0x69, 0, 0, 0])), '--team', slug],
          'The file is in UTF-32; save it as UTF-8\n'
        ],
        [[await writeInput('empty.csv', ''), '--team', slug], 'The file is empty\n'],
        [[path], /^Usage: /],
        [[path, '--team', slug, '--force'], /^Unknown option '--force'/]
      ]
      for (const [args, reason] of refusals) {
        const { code, lines, errors } = await run(...args)
        if (reason instanceof RegExp) expect(errors).toMatch(reason)
        else expect(errors).toBe(reason)
        expect([code, lines], errors).toEqual([2, []])
      }
      expect(await readTeamRows(team.id)).toBe(before)
    }
  )
})

describe('private.ticket_imports', () => {
  test('a member can neither read nor write private.ticket_imports', async () => {
    const team = await newTeam()
    const attempt = (work: string) =>
      database()
        .begin(async sql => {
          await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify({ sub: ann.id, role: 'authenticated' })}, true)`
          await sql.unsafe(work)
        })
        .then(
          () => 'done',
          (error: { code: string }) => error.code
        )
    expect(await attempt('select * from private.ticket_imports')).toBe('42501')
    expect(await attempt(`insert into private.ticket_imports (team_id, source_id) values ('${team.id}', 'x')`)).toBe('42501')
  })
})

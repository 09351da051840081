import { request as httpRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { api, apiBy, contentsOf, database, expectError, keyOf, newTeam, signIn } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, bob, initech, vera } from '../support/world.ts'

describeRouteRights('export')

const path = (team: { id: string }) => `/teams/${team.id}/export/tickets.csv`
const rowsOf = (body: unknown) => parse(body as string, { columns: true, bom: true }) as Record<string, string>[]

/** The headers have come, and nothing more is taken. */
async function unread(address: string, headers: Record<string, string>): Promise<IncomingMessage> {
  const request = httpRequest(`${product().baseUrl}/api${address}`, { headers })
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response.pause()
}

describe('the export of the log', () => {
  const entries = async (team: { id: string }, query: string) =>
    rowsOf((await api(adam, 'GET', `/teams/${team.id}/export/audit.csv?${query}`)).body)

  test('is a file of the newest first, narrowed as the log is', async () => {
    const team = await newTeam()
    await api(adam, 'PATCH', `/teams/${team.id}`, { name: '=1+1' })
    await api(bob, 'PATCH', `/teams/${team.id}/tickets/${team.tickets.bobs}`, { priority: 'high' })
    const [exported, ...all] = await entries(team, '')
    expect(exported).toMatchObject({ actor: 'Adam Ant', type: 'audit.exported', to: '{}' })
    expect(Object.keys(all[0]!)).toEqual(['id', 'time', 'actor', 'type', 'ticket', 'channel', 'from', 'to'])
    expect(all[0]).toMatchObject({
      actor: 'Bob Byrd',
      type: 'ticket.priority_changed',
      ticket: '1',
      channel: 'ui',
      from: '"normal"',
      to: '"high"'
    })
    expect(all[1]).toMatchObject({ actor: 'Adam Ant', type: 'team.updated', ticket: '', from: '{"name":"Acme"}', to: '{"name":"=1+1"}' })
    expect(all.map(({ id }) => Number(id))).toEqual(all.map(({ id }) => Number(id)).sort((a, b) => b - a))
    expect((await entries(team, 'type=team.updated&type=team.created')).map(({ type }) => type)).toEqual(['team.updated', 'team.created'])
    expect(await entries(team, `actor=${bob.id}&ticket=1&type=ticket.priority_changed`)).toHaveLength(1)
    for (const query of ['type=team.exploded', 'cursor=', 'page_size=10'])
      expectError(await api(adam, 'GET', `/teams/${team.id}/export/audit.csv?${query}`), 400, 'invalid')
  })

  test('is longer than any page', async () => {
    const team = await newTeam()
    for (let round = 0; round < 260; round++)
      await database()`update public.tickets set severity = 1 + severity % 5 where team_id = ${team.id}`
    expect((await entries(team, 'type=ticket.severity_changed')).length).toBe(1_040)
  })
})

describe('the export of tickets', () => {
  test("is a file of every ticket in the list's order, for spreadsheets in any language", async () => {
    const team = await newTeam()
    await api(adam, 'PATCH', `/teams/${team.id}/tickets/${team.tickets.bobs}`, {
      subject: 'Ærlig «talt»; "quoted", 日本語',
      requester_name: 'Rita',
      tags: ['b', 'a']
    })
    const response = await fetch(`${product().baseUrl}/api${path(team)}?sort=ticket_number&order=asc`, {
      headers: { authorization: `Bearer ${await signIn(bob)}` }
    })
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="tickets.csv"')
    const bytes = Buffer.from(await response.arrayBuffer())
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const rows = rowsOf(bytes.toString('utf8'))
    expect(rows.map(({ number }) => number)).toEqual(['1', '2', '3', '4'])
    expect(rows[0]).toMatchObject({
      subject: 'Ærlig «talt»; "quoted", 日本語',
      status: 'open',
      severity: '3',
      category: 'Bug',
      tags: 'a, b',
      requester_name: 'Rita',
      assignee: 'Bob Byrd',
      replies: '3',
      resolved_at: ''
    })
    expect(rows[0]!.created_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  })

  test('takes the filters of the list', async () => {
    const team = await newTeam()
    const numbers = async (query: string) =>
      rowsOf((await api(bob, 'GET', `${path(team)}?${query}`)).body)
        .map(({ number }) => number)
        .sort()
    expect(await numbers('status=open&status=waiting')).toEqual(['1', '2', '4'])
    expect(await numbers('assigned_to=me')).toEqual(['1'])
    expect(await numbers('tag=vpn')).toEqual(['1'])
    expect(await numbers('status=resolved')).toEqual([])
    for (const query of ['status=lost', 'page=1', 'cursor=', 'colour=red'])
      expectError(await api(bob, 'GET', `${path(team)}?${query}`), 400, 'invalid')
  })

  test('is refused where its search is not finished: it would be of every ticket', async () => {
    expect(expectError(await api(bob, 'GET', `/teams/${acme.id}/export/tickets.csv?q=status:`), 400, 'invalid').data.issues).toEqual([
      { path: 'q', message: '“status:” has no value – use open, in_progress, waiting, resolved or closed' }
    ])
  })

  test('runs nothing in a spreadsheet', async () => {
    const team = await newTeam()
    for (const subject of ['=HYPERLINK("https://evil.test","Click")', '+1', '-1', '@SUM(A1)', '＝1+1'])
      await api(bob, 'POST', `/teams/${team.id}/tickets`, { subject, description: `${subject}\n=1`, requester_name: subject })
    const rows = rowsOf((await api(bob, 'GET', `${path(team)}?q=&created_by=me`)).body).filter(({ subject }) => subject!.startsWith("'"))
    expect(rows).toHaveLength(5)
    for (const { subject, description, requester_name } of rows)
      for (const cell of [subject, description, requester_name]) expect(cell).toMatch(/^'[=+\-@＝]/)
  })

  test('is in the log with its filters, before anybody has read it', async () => {
    const team = await newTeam()
    await api(bob, 'GET', `${path(team)}?status=open&q=vpn`)
    const { body } = await api<{ type: string; actor: unknown; to: unknown }[]>(
      adam,
      'GET',
      `/teams/${team.id}/audit?type=tickets.exported`
    )
    expect(body).toMatchObject([
      {
        type: 'tickets.exported',
        ticket_id: null,
        ticket_number: null,
        actor: { id: bob.id, name: 'Bob Byrd' },
        from: null,
        to: { status: ['open'], q: 'vpn', sort: expect.any(String) as string }
      }
    ])
    expect((await api<unknown[]>(vera, 'GET', `/teams/${team.id}/tickets/${team.tickets.bobs}/audit`)).body).not.toContainEqual(
      expect.objectContaining({ type: 'tickets.exported' })
    )
  })

  test('of the log is in the log, for whom the role and the scopes let', async () => {
    const team = await newTeam()
    const csv = `/teams/${team.id}/export/audit.csv?type=reply.created`
    const [line] = rowsOf((await api(adam, 'GET', csv)).body)
    expect(JSON.parse(line!.to!)).toMatchObject({ content: expect.any(String) as string })
    const { body } = await api<{ type: string }[]>(adam, 'GET', `/teams/${team.id}/audit?type=audit.exported`)
    expect(body).toMatchObject([{ type: 'audit.exported', actor: { id: adam.id }, from: null, to: { type: ['reply.created'] } }])
    expectError(await apiBy(await keyOf(team, adam, ['read', 'write']), 'GET', csv), 403, 'scope')
    expect((await apiBy(await keyOf(team, adam, ['export']), 'GET', csv)).status).toBe(200)
    expect((await api<unknown[]>(adam, 'GET', `/teams/${team.id}/audit?type=audit.exported`)).body).toHaveLength(2)
  })

  test('that could not begin is in no log, nor is one of what no list understands', async () => {
    const team = await newTeam()
    // A list that fails in the database: nobody reads a day in a time zone that is not there.
    await database().begin(async sql => {
      await sql`alter table public.teams disable trigger _200_require_time_zone`
      await sql`update public.teams set time_zone = 'US/Pacific-New' where id = ${team.id}`
      await sql`alter table public.teams enable trigger _200_require_time_zone`
    })
    for (const query of [
      'tickets.csv?created_to=2026-01-01',
      'tickets.csv?created_to=0000-01-01',
      'audit.csv?to=2026-01-01',
      'audit.csv?to=0000-01-01'
    ])
      expectError(await api(adam, 'GET', `/teams/${team.id}/export/${query}`), 400, 'invalid')
    expect(
      await database()`select type from ticket_events where team_id = ${team.id} and type in ('tickets.exported', 'audit.exported')`
    ).toEqual([])
  })

  test('that is empty is in the log', async () => {
    const team = await newTeam()
    expect(rowsOf((await api(bob, 'GET', `${path(team)}?created_to=2001-01-01`)).body)).toEqual([])
    expect((await api<unknown[]>(adam, 'GET', `/teams/${team.id}/audit?type=tickets.exported`)).body).toHaveLength(1)
  })

  test('that is refused is in no log', async () => {
    const before = await contentsOf(acme.id)
    const events = () =>
      database()`select count(*) from ticket_events where type = 'tickets.exported' and team_id in (${acme.id}, ${initech.id})`
    const logged = await events()
    expectError(await api(vera, 'GET', path(acme)), 403)
    expectError(await api(bob, 'GET', path(initech)), 404)
    expect(await events()).toEqual(logged)
    expect(await contentsOf(acme.id)).toBe(before)
  })

  test('given up in the middle holds no connection', async () => {
    const team = await newTeam()
    await database()`insert into tickets (team_id, subject, description, created_by) select ${team.id}, 'Ticket ' || n, repeat('x', 20000), ${bob.id} from generate_series(1, 200) as n`
    const controller = new AbortController()
    const response = await fetch(`${product().baseUrl}/api${path(team)}`, {
      headers: { authorization: `Bearer ${await signIn(bob)}` },
      signal: controller.signal
    })
    await response.body!.getReader().read()
    controller.abort()
    await expect
      .poll(
        async () =>
          (
            await database()<
              { count: number }[]
            >`select count(*)::integer from pg_stat_activity where application_name = 'switchboard' and state <> 'idle'`
          )[0]!.count,
        { timeout: 10_000 }
      )
      .toBe(0)
  })

  test('is one of four that a person has on their way: a fifth is refused, and one of a colleague is not', async () => {
    const team = await newTeam()
    await database()`insert into tickets (team_id, subject, description, created_by) select ${team.id}, 'Ticket ' || n, repeat('x', 40000), ${bob.id} from generate_series(1, 250) as n`
    const opened: IncomingMessage[] = []
    try {
      for (let count = 0; count < 4; count++) opened.push(await unread(path(team), { authorization: `Bearer ${await signIn(adam)}` }))
      const refused = await api(adam, 'GET', path(team))
      expectError(refused, 429, 'rate_limited')
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await api(bob, 'GET', path(team))).status).toBe(200)
      opened.pop()!.destroy()
      await expect.poll(async () => (await api(adam, 'GET', path(team))).status, { timeout: 10_000 }).toBe(200)
    } finally {
      for (const response of opened) response.destroy()
    }
  })
})

describe('a download that another site causes', () => {
  const session = async () =>
    `sb-switchboard-auth=base64-${Buffer.from(JSON.stringify({ access_token: await signIn(adam) })).toString('base64url')}`
  const files = ['export/tickets.csv', 'export/audit.csv', 'analytics/report.csv?table=per_agent&window=14']

  test.each<[string, Record<string, string>]>([
    ['a link elsewhere', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
    ['another name of the same site', { 'sec-fetch-site': 'same-site' }],
    ['a link elsewhere, in a browser without Sec-Fetch-Site', { referer: 'https://evil.test/page' }]
  ])('by %s is refused, and in no log', async (_, headers) => {
    const team = await newTeam()
    const before = await contentsOf(team.id)
    for (const file of files)
      expectError(
        await api(null, 'GET', `/teams/${team.id}/${file}`, undefined, { headers: { cookie: await session(), ...headers } }),
        403,
        'foreign_origin'
      )
    expect(await database()`select from ticket_events where team_id = ${team.id} and type like '%.exported'`).toHaveLength(0)
    expect(await contentsOf(team.id)).toBe(before)
  })

  test.each<[string, () => Record<string, string>]>([
    ['our own pages', () => ({ 'sec-fetch-site': 'same-origin', 'referer': `${product().baseUrl}/tickets` })],
    ['an address that is typed', () => ({ 'sec-fetch-site': 'none' })],
    ['a browser that says nothing', () => ({})]
  ])('and by %s is answered', async (_, headers) => {
    const team = await newTeam()
    for (const file of files)
      expect(
        (await api(null, 'GET', `/teams/${team.id}/${file}`, undefined, { headers: { cookie: await session(), ...headers() } })).status,
        file
      ).toBe(200)
  })

  test("with a token that no browser sends by itself is nobody's but the caller's", async () => {
    const team = await newTeam()
    expect((await api(adam, 'GET', path(team), undefined, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(200)
  })
})

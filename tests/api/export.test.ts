import { request as httpRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { api, apiWithKey, readTeamRows, database, expectError, createKey, newTeam, signIn } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, bob, initech, vera } from '../support/world.ts'

describeRouteRights('export')

const path = (team: { id: string }) => `/teams/${team.id}/export/tickets.csv`
const rowsOf = (body: unknown) => parse(body as string, { columns: true, bom: true }) as Record<string, string>[]

/** Sends a request, waits for the headers and leaves the body unread. */
async function openUnread(address: string, headers: Record<string, string>): Promise<IncomingMessage> {
  const request = httpRequest(`${product().baseUrl}/api${address}`, { headers })
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response.pause()
}

describe('the export of the audit log', () => {
  const entries = async (team: { id: string }, query: string) =>
    rowsOf((await api(adam, 'GET', `/teams/${team.id}/export/audit.csv?${query}`)).body)

  test('the audit export lists events newest first and takes the filters of the audit log', async () => {
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

  test('the audit export is not cut at 1,000 rows as the list is', async () => {
    const team = await newTeam()
    for (let round = 0; round < 260; round++)
      await database()`update public.tickets set severity = 1 + severity % 5 where team_id = ${team.id}`
    expect((await entries(team, 'type=ticket.severity_changed')).length).toBe(1_040)
  })
})

describe('the export of tickets', () => {
  test("the ticket export is a UTF-8 CSV file with a BOM, of every ticket in the list's order", async () => {
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

  test('the ticket export takes the filters of the ticket list', async () => {
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

  test('the ticket export refuses an unfinished search, which would match every ticket', async () => {
    expect(expectError(await api(bob, 'GET', `/teams/${acme.id}/export/tickets.csv?q=status:`), 400, 'invalid').data.issues).toEqual([
      { path: 'q', message: '“status:” has no value – use open, in_progress, waiting, resolved or closed' }
    ])
  })

  test('the ticket export escapes cells that a spreadsheet would run as formulas', async () => {
    const team = await newTeam()
    for (const subject of ['=HYPERLINK("https://evil.test","Click")', '+1', '-1', '@SUM(A1)', '＝1+1'])
      await api(bob, 'POST', `/teams/${team.id}/tickets`, { subject, description: `${subject}\n=1`, requester_name: subject })
    const rows = rowsOf((await api(bob, 'GET', `${path(team)}?q=&created_by=me`)).body).filter(({ subject }) => subject!.startsWith("'"))
    expect(rows).toHaveLength(5)
    for (const { subject, description, requester_name } of rows)
      for (const cell of [subject, description, requester_name]) expect(cell).toMatch(/^'[=+\-@＝]/)
  })

  test('a ticket export is recorded in the audit log with its filters', async () => {
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

  test('an audit export is recorded in the audit log, and an API key needs the scope export for it', async () => {
    const team = await newTeam()
    const csv = `/teams/${team.id}/export/audit.csv?type=reply.created`
    const [line] = rowsOf((await api(adam, 'GET', csv)).body)
    expect(JSON.parse(line!.to!)).toMatchObject({ content: expect.any(String) as string })
    const { body } = await api<{ type: string }[]>(adam, 'GET', `/teams/${team.id}/audit?type=audit.exported`)
    expect(body).toMatchObject([{ type: 'audit.exported', actor: { id: adam.id }, from: null, to: { type: ['reply.created'] } }])
    expectError(await apiWithKey(await createKey(team, adam, ['read', 'write']), 'GET', csv), 403, 'scope')
    expect((await apiWithKey(await createKey(team, adam, ['export']), 'GET', csv)).status).toBe(200)
    expect((await api<unknown[]>(adam, 'GET', `/teams/${team.id}/audit?type=audit.exported`)).body).toHaveLength(2)
  })

  test('an export that fails before its first row is not recorded in the audit log', async () => {
    const team = await newTeam()
    // Makes the query fail in the database: it cannot convert a day in an unknown time zone.
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

  test('an empty ticket export is recorded in the audit log', async () => {
    const team = await newTeam()
    expect(rowsOf((await api(bob, 'GET', `${path(team)}?created_to=2001-01-01`)).body)).toEqual([])
    expect((await api<unknown[]>(adam, 'GET', `/teams/${team.id}/audit?type=tickets.exported`)).body).toHaveLength(1)
  })

  test('a forbidden ticket export is not recorded in the audit log', async () => {
    const before = await readTeamRows(acme.id)
    const events = () =>
      database()`select count(*) from ticket_events where type = 'tickets.exported' and team_id in (${acme.id}, ${initech.id})`
    const logged = await events()
    expectError(await api(vera, 'GET', path(acme)), 403)
    expectError(await api(bob, 'GET', path(initech)), 404)
    expect(await events()).toEqual(logged)
    expect(await readTeamRows(acme.id)).toBe(before)
  })

  test('an export that the client aborts releases its database connection', async () => {
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

  test("a person's fifth concurrent export answers 429, and a colleague's export is served", async () => {
    const team = await newTeam()
    await database()`insert into tickets (team_id, subject, description, created_by) select ${team.id}, 'Ticket ' || n, repeat('x', 40000), ${bob.id} from generate_series(1, 250) as n`
    const opened: IncomingMessage[] = []
    try {
      for (let count = 0; count < 4; count++) opened.push(await openUnread(path(team), { authorization: `Bearer ${await signIn(adam)}` }))
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

describe('downloads started by another site', () => {
  const session = async () =>
    `sb-switchboard-auth=base64-${Buffer.from(JSON.stringify({ access_token: await signIn(adam) })).toString('base64url')}`
  const files = ['export/tickets.csv', 'export/audit.csv', 'analytics/report.csv?table=per_agent&window=14']

  test.each<[string, Record<string, string>]>([
    ['a link on another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
    ['another subdomain of the same site', { 'sec-fetch-site': 'same-site' }],
    ['a link on another site, in a browser without Sec-Fetch-Site', { referer: 'https://evil.test/page' }]
  ])('a download with the session cookie from %s is refused and not recorded', async (_, headers) => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    for (const file of files)
      expectError(
        await api(null, 'GET', `/teams/${team.id}/${file}`, undefined, { headers: { cookie: await session(), ...headers } }),
        403,
        'foreign_origin'
      )
    expect(await database()`select from ticket_events where team_id = ${team.id} and type like '%.exported'`).toHaveLength(0)
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test.each<[string, () => Record<string, string>]>([
    ['our own pages', () => ({ 'sec-fetch-site': 'same-origin', 'referer': `${product().baseUrl}/tickets` })],
    ['a typed address', () => ({ 'sec-fetch-site': 'none' })],
    ['a browser that sends neither header', () => ({})]
  ])('a download with the session cookie from %s is served', async (_, headers) => {
    const team = await newTeam()
    for (const file of files)
      expect(
        (await api(null, 'GET', `/teams/${team.id}/${file}`, undefined, { headers: { cookie: await session(), ...headers() } })).status,
        file
      ).toBe(200)
  })

  test('a cross-site download with a bearer token is served, because no browser sends that token by itself', async () => {
    const team = await newTeam()
    expect((await api(adam, 'GET', path(team), undefined, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(200)
  })
})

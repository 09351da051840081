import { describe, expect, test } from 'vitest'
import { ticketSorts } from '#shared/ticket'
import type { CursorPage, Page, Reply, Ticket, TicketCounts, TicketDetail } from '#shared/types/api'
import type { TicketEvent } from '#shared/schemas/event'
import { listRules, parseListQuery } from '~/utils/ticket/ticket-query'
import { api, readTeamRows, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, dan, initech, ivan, unknownId, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('tickets')

const list = (team: TeamWorld, query = '', person = bob) => api<Ticket[]>(person, 'GET', `/teams/${team.id}/tickets${query}`)
const numbers = async (team: TeamWorld, query = '', person = bob) =>
  (await list(team, query, person)).body.map(({ ticket_number }) => ticket_number)
// Postgres omits trailing zeros of a fraction.
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().replace(/\.\d+/, '.123')
const create = (team: TeamWorld, fields: Record<string, unknown> = {}, person = ann) =>
  api<Ticket>(person, 'POST', `/teams/${team.id}/tickets`, { subject: 'A subject', description: 'A description', ...fields })
const patch = (team: TeamWorld, id: string, changes: Record<string, unknown>, person = ann, headers = {}) =>
  api<Ticket>(person, 'PATCH', `/teams/${team.id}/tickets/${id}`, changes, { headers })

describe('creating a ticket', () => {
  test('a ticket needs only a subject and a description and gets defaults for the rest', async () => {
    const team = await newTeam()
    const { status, body } = await create(team, {}, bob)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      ticket_number: 5,
      team_id: team.id,
      subject: 'A subject',
      description: 'A description',
      excerpt: 'A description',
      format: 'text',
      status: 'open',
      priority: 'normal',
      severity: 3,
      category: 'other',
      channel: 'agent',
      assigned_to: null,
      assignee: null,
      assignee_name: null,
      requester_email: null,
      requester_name: null,
      resolved_at: null,
      closed_at: null,
      first_response_at: null,
      created_by: bob.id,
      created_by_name: bob.name,
      reply_count: 0,
      version: 1,
      tags: []
    })
    expect((await api<Ticket>(vera, 'GET', `/teams/${team.id}/tickets/5`)).body).toEqual({ ...body, attachments: [], articles: [] })
    expect((await list(team, '?q=A subject')).body).toEqual([body])
  })

  test('a ticket keeps every given field, and its tags are lower-cased, unique and sorted', async () => {
    const team = await newTeam()
    const fields = {
      status: 'waiting',
      priority: 'urgent',
      severity: 1,
      category: 'billing',
      assigned_to: bob.id,
      requester_name: 'Rita Requester',
      requester_email: 'Rita@Client.test'
    }
    const { body } = await create(team, { ...fields, tags: ['VIP', 'refund', 'vip', 'Ünïcode'] })
    expect(body).toMatchObject({
      ...fields,
      requester_email: 'rita@client.test',
      assignee: { id: bob.id, full_name: bob.name, avatar_url: null },
      assignee_name: bob.name,
      tags: ['refund', 'ünïcode', 'vip'],
      version: 2
    })
  })

  test('a ticket that is created as resolved or closed gets resolved_at and closed_at', async () => {
    const team = await newTeam()
    expect((await create(team, { status: 'resolved' })).body).toMatchObject({ resolved_at: expect.any(String) as string, closed_at: null })
    expect((await create(team, { status: 'closed' })).body).toMatchObject({
      resolved_at: expect.any(String) as string,
      closed_at: expect.any(String) as string
    })
  })

  test('a description is plain text unless its format is markdown, and an edit keeps the format', async () => {
    const team = await newTeam()
    const { body: plain } = await create(team)
    const { body: rendered } = await create(team, { format: 'markdown' })
    expect([plain.format, rendered.format]).toEqual(['text', 'markdown'])
    for (const ticket of [plain, rendered])
      expect((await patch(team, ticket.id, { description: 'Other' })).body).toMatchObject({ description: 'Other', format: ticket.format })
    expect((await patch(team, plain.id, { format: 'markdown' })).body).toMatchObject({ description: 'Other', format: 'markdown' })
    const { body: events } = await api<{ type: string }[]>(ann, 'GET', `/teams/${team.id}/tickets/${plain.id}/audit`)
    expect(events.map(({ type }) => type)).toEqual(['ticket.description_changed', 'ticket.description_changed', 'ticket.created'])
    for (const format of ['html', '', null, 5]) {
      expectError(await create(team, { format }), 400, 'invalid')
      expectError(await patch(team, plain.id, { format }), 400, 'invalid')
    }
  })

  test('a description is stored exactly as sent', async () => {
    const team = await newTeam()
    for (const description of [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '[x](javascript:alert(1))',
      '{{7*7}} ${7*7} <%= 7*7 %> #{7*7}',
      '  indented\r\n\ttabbed\n\n',
      "' or 1=1; drop table tickets; --",
      '"quotes" \\ backslash \\u0041 %00 %s',
      'e\u0301 \u202Egnp.exe 👩‍👩‍👧‍👦',
      '=HYPERLINK("http://evil")',
      '\u001b[31mred',
      'x'.repeat(50_000)
    ]) {
      const { body } = await create(team, { description })
      expect(body.description).toBe(description)
      expect((await api<Ticket>(bob, 'GET', `/teams/${team.id}/tickets/${body.id}`)).body.description).toBe(description)
    }
  })

  test('assigning a ticket to a viewer, a stranger or an unknown person is refused with the same answer', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    const bodies = []
    for (const assigned_to of [vera.id, dan.id, ivan.id, unknownId]) {
      const answer = await create(team, { assigned_to })
      expect(expectError(answer, 400, 'invalid').data.issues).toEqual([{ path: 'assigned_to', message: 'Not an agent of this team' }])
      bodies.push(JSON.stringify(answer.body))
      expectError(await patch(team, team.tickets.bobs, { assigned_to }), 400, 'invalid')
    }
    expect(new Set(bodies).size).toBe(1)
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('a category of another team is refused at the field, as an unknown category is', async () => {
    const team = await newTeam()
    await database()`insert into public.ticket_categories (team_id, key, name) values (${initech.id}, ${`k${team.id.slice(0, 8)}`}, 'Theirs')`
    for (const category of [`k${team.id.slice(0, 8)}`, 'nothing']) {
      expect(expectError(await create(team, { category }), 400, 'unknown_category').data.issues).toEqual([
        { path: 'category', message: 'Not a category of this team' }
      ])
    }
  })

  test('fifty tickets that are created concurrently get consecutive numbers, and none fails', async () => {
    const team = await newTeam()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, number) => create(team, { subject: `Ticket ${number}` }, [ann, adam, bob][number % 3]))
    )
    expect(answers.filter(({ status }) => status !== 201)).toEqual([])
    expect(answers.map(({ body }) => body.ticket_number).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 5))
  })

  test('a list without pages returns at most 1,000 tickets and then sets x-truncated', async () => {
    const team = await newTeam()
    await database()`insert into public.tickets (team_id, subject, description, created_by) select ${team.id}, 'Ticket ' || n, 'About it', ${bob.id} from generate_series(1, 1000) as n`
    await database()`insert into public.ticket_tags (team_id, ticket_id, tag) select team_id, id, 'bulk' from public.tickets where team_id = ${team.id} and ticket_number % 50 = 0`
    const { body, headers } = await list(team)
    expect(body).toHaveLength(1_000)
    expect(headers.get('x-truncated')).toBe('true')
    expect((await list(team, '?status=open')).headers.get('x-truncated')).toBe('true')
    expect((await list(team, '?tag=bulk')).headers.get('x-truncated')).toBeNull()
    await database()`delete from public.tickets where team_id = ${team.id} and ticket_number > 1000`
    const exact = await list(team)
    expect(exact.body).toHaveLength(1_000)
    expect(exact.headers.get('x-truncated')).toBeNull()
  })

  test('a list without pages returns at most 4 MB of descriptions and then sets x-truncated', async () => {
    const team = await newTeam()
    await database()`insert into public.tickets (team_id, subject, description, created_by) select ${team.id}, 'Long', repeat('登', 40_000), ${bob.id} from generate_series(1, 40)`
    const { body, headers } = await list(team, '?sort=ticket_number&order=desc')
    expect(body.map(({ subject }) => subject)).toEqual(Array.from({ length: 33 }, () => 'Long'))
    expect(headers.get('x-truncated')).toBe('true')
  })
})

describe('lists of tickets', () => {
  test('tickets are sorted by severity and then newest first, and contain the whole row', async () => {
    const team = await newTeam()
    const { body } = await list(team)
    expect(body.map(({ ticket_number }) => ticket_number)).toEqual([4, 3, 2, 1])
    await database()`update public.tickets set severity = case ticket_number when 2 then 1 else 4 end where team_id = ${team.id} and ticket_number in (2, 4)`
    expect(await numbers(team, '')).toEqual([2, 3, 1, 4])
    expect(await numbers(team, '?order=desc')).toEqual([4, 3, 1, 2])
    expect(await numbers(team, '?sort=created_at')).toEqual([4, 3, 2, 1])
    expect(body[3]).toMatchObject({ tags: ['vpn'], reply_count: 3, assignee_name: bob.name })
  })

  const filters: [query: string, numbers: number[]][] = [
    ['?status=open', [1, 2]],
    ['?status=open&status=waiting', [1, 2, 4]],
    ['?status=resolved', []],
    ['?category=bug', [1]],
    ['?category=bug&category=billing', [1, 2]],
    ['?priority=normal', [1, 2, 3, 4]],
    ['?priority=urgent', []],
    ['?severity=3', [1, 2, 3, 4]],
    ['?severity=1&severity=2', []],
    ['?assigned_to=me', [1]],
    ['?assigned_to=none', [2, 3]],
    [`?assigned_to=${ann.id}`, [4]],
    ['?assigned_to=none&assigned_to=me', [1, 2, 3]],
    [`?assigned_to=${unknownId}`, []],
    ['?created_by=me', [2, 3, 4]],
    [`?created_by=${ann.id}`, [1]],
    ['?tag=vpn', [1]],
    ['?tag=VPN', [1]],
    ['?tag=vpn&tag=nothing', [1]],
    ['?tag=nothing', []],
    ['?q=vpn', [1]],
    ['?q=INVOICE', [2]],
    ['?q=%231', [1]],
    ['?q=%23001', [1]],
    ['?q=1', [1]],
    ['?q=002', [2]],
    ['?q=%2399', []],
    ['?q=', [1, 2, 3, 4]],
    ['?q=%25', []],
    ['?q=_', []],
    ['?q=%5C', []],
    ['?q=.*', []],
    ['?status=open&assigned_to=none&q=invoice', [2]],
    ['?status=open&category=bug&tag=vpn&assigned_to=me&severity=3&priority=normal&created_by=' + ann.id, [1]],
    ['?status=closed&assigned_to=me', []],
    ['?created_from=2020-01-01', [1, 2, 3, 4]],
    ['?created_to=2020-01-01', []],
    ['?created_from=2020-01-01T00:00:00Z&created_to=2100-01-01T00:00:00%2B02:00', [1, 2, 3, 4]],
    ['?created_from=2100-01-01&created_to=2020-01-01', []],
    ['?last_activity_from=2020-01-01', [1, 2, 3, 4]],
    ['?last_activity_to=2020-01-01T00:00:00Z', []],
    [`?type_id=${unknownId}`, []],
    [`?item_id=${unknownId}&item_id=${unknownId}`, []],
    ['?q=status:open', [1, 2]],
    ['?q=-status:open', [3, 4]],
    ['?q=is:open', [1, 2, 4]],
    ['?q=is:closed', [3]],
    ['?q=is:unassigned', [2, 3]],
    ['?q=is:open+-is:unassigned', [1, 4]],
    ['?q=is:overdue', []],
    ['?q=-is:overdue', [1, 2, 3, 4]],
    ['?q=has:attachment', [1]],
    ['?q=assignee:me', [1]],
    ['?q=assignee:bob', [1]],
    ['?q=assignee:ann,none', [2, 3, 4]],
    ['?q=assignee:%22Ann+Arbor%22', [4]],
    ['?q=assignee:bob@acme.test', [1]],
    ['?q=-assignee:bob', [2, 3, 4]],
    ['?q=assignee:nobody', []],
    ['?q=assignee:dan', []],
    ['?q=author:me', [2, 3, 4]],
    ['?q=author:arbor', [1]],
    ['?q=tag:VPN', [1]],
    ['?q=-tag:vpn', [2, 3, 4]],
    ['?q=sev:3', [1, 2, 3, 4]],
    ['?q=sev:1,2', []],
    ['?q=priority:normal,urgent', [1, 2, 3, 4]],
    ['?q=category:bug', [1]],
    ['?q=category:%22feature+request%22', [4]],
    ['?q=before:2020-01-01', []],
    ['?q=after:2020-01-01', [1, 2, 3, 4]],
    ['?q=status:open+status:waiting+invoice', [2]],
    ['?q=status:open&status=waiting', []],
    ['?q=vpn+or+invoice', [1, 2]],
    ['?q=vpn+invoice', []],
    ['?q=-vpn', [2, 3, 4]],
    ['?q=unknown:vpn', []],
    ['?q=%22drops+every%22', [1]],
    ['?q=%22every+drops%22', []],
    ['?q=drop', [1]],
    ['?resolved_from=2020-01-01', [3]],
    ['?resolved_to=2020-01-01', []],
    ['?resolved_from=2020-01-01&resolved_to=2100-01-01T00:00:00Z', [3]],
    ['?resolved_from=2100-01-01', []]
  ]
  test.each(filters)('the filter %s finds the same tickets in lists, pages and counts', async (query, expected) => {
    filterTeam ??= newTeam()
    const team = await filterTeam
    expect((await numbers(team, query)).sort()).toEqual(expected)
    const paged = await api<Page<Ticket>>(bob, 'GET', `/teams/${team.id}/tickets${query}&page=1`)
    expect([paged.body.total, paged.body.data.length]).toEqual([expected.length, expected.length])
    if (!query.includes('status=')) {
      const counts = (await api<TicketCounts>(bob, 'GET', `/teams/${team.id}/tickets/counts${query}`)).body
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(expected.length)
    }
  })
  let filterTeam: Promise<TeamWorld> | undefined

  test.each([
    ...filters.map(([query]) => query).filter(query => !query.includes('q=')),
    ...ticketSorts.flatMap(sort => [`?sort=${sort}&order=asc`, `?sort=${sort}&order=desc`])
  ])('the browser filters and sorts %s as the server does', async query => {
    filterTeam ??= newTeam()
    const team = await filterTeam
    const address = new URLSearchParams(query)
    const { matches, compare } = listRules(
      parseListQuery(
        Object.fromEntries([...address.keys()].map(key => [key, address.getAll(key).length > 1 ? address.getAll(key) : address.get(key)]))
      ),
      bob.id
    )
    const all = (await list(team)).body
    expect(
      all
        .filter(row => matches(row))
        .sort(compare)
        .map(({ ticket_number }) => ticket_number)
    ).toEqual(await numbers(team, query))
  })

  test('a search finds the requester and takes % and _ literally', async () => {
    const team = await newTeam()
    await create(team, { subject: '100% sure_thing\\', requester_name: 'Zoë Zimmer', requester_email: 'zoe@zimmer.test' })
    for (const q of ['100%', 'sure_thing', 'thing\\', 'zoë', 'ZIMMER.test'])
      expect(await numbers(team, `?q=${encodeURIComponent(q)}`), q).toEqual([5])
    for (const q of ['e%t', 'e_e', '%%', '0_']) expect(await numbers(team, `?q=${encodeURIComponent(q)}`), q).toEqual([])
    for (const q of ['e_t', 'immer', '0% s', 'ZOE']) expect(await numbers(team, `?q=${encodeURIComponent(q)}`), q).toEqual([5])
  })

  test('a search finds nothing of another team', async () => {
    expect(await numbers(acme, '?q=stapler', ann)).toEqual([])
    expect(await numbers(acme, `?assigned_to=${dan.id}`, ann)).toEqual([])
    expect(await numbers(acme, '?tag=office', ann)).toEqual([])
  })

  test('tickets/counts counts tickets by status', async () => {
    const team = await newTeam()
    expect((await api(vera, 'GET', `/teams/${team.id}/tickets/counts`)).body).toEqual({
      open: 2,
      in_progress: 0,
      waiting: 1,
      resolved: 0,
      closed: 1
    })
    expect((await api(vera, 'GET', `/teams/${team.id}/tickets/counts?assigned_to=none`)).body).toEqual({
      open: 1,
      in_progress: 0,
      waiting: 0,
      resolved: 0,
      closed: 1
    })
  })

  test('priorities and statuses are sorted by rank, and names and tags alphabetically', async () => {
    const team = await newTeam()
    for (const [number, priority] of [
      [1, 'low'],
      [2, 'urgent'],
      [3, 'high']
    ] as const)
      await database()`update public.tickets set priority = ${priority} where team_id = ${team.id} and ticket_number = ${number}`
    expect(await numbers(team, '?sort=priority&order=asc')).toEqual([1, 4, 3, 2])
    expect(await numbers(team, '?sort=priority&order=desc')).toEqual([2, 3, 4, 1])
    expect((await list(team, '?sort=status&order=asc')).body.map(({ status }) => status)).toEqual(['open', 'open', 'waiting', 'closed'])
    expect(await numbers(team, '?sort=subject&order=asc')).toEqual([4, 2, 3, 1])
    expect((await numbers(team, '?sort=assignee_name&order=desc')).slice(0, 2)).toEqual([1, 4])
    expect((await numbers(team, '?sort=reply_count&order=desc'))[0]).toBe(1)
    await patch(team, team.tickets.anns, { tags: ['Ärger'] })
    await patch(team, team.tickets.unassigned, { tags: ['ast'] })
    await patch(team, team.tickets.bobs, { tags: ['billing'] })
    const tagged = (await list(team, '?sort=tags')).body.map(({ tags }) => tags)
    expect(tagged).toEqual([['ärger'], ['ast'], ['billing'], []])
    expect((await list(team, '?sort=tags&order=desc')).body.map(({ tags }) => tags)).toEqual(tagged.reverse())
  })

  const sorts = [
    'created_at',
    'updated_at',
    'last_activity_at',
    'last_message_at',
    'ticket_number',
    'severity',
    'priority',
    'status',
    'subject',
    'category',
    'requester_name',
    'assignee_name',
    'reply_count',
    'tags',
    'snoozed_until'
  ]
  test.each(
    sorts.flatMap(sort => [
      [sort, 'asc'],
      [sort, 'desc']
    ])
  )('sorted by %s %s, numbered pages and a cursor return the same rows, each once', async (sort, order) => {
    sortTeam ??= newTeam().then(async team => {
      for (let number = 0; number < 26; number++) {
        await create(team, {
          subject: ['same', 'Same', 'other', 'ä', '中'][number % 5],
          severity: (number % 5) + 1,
          priority: ['low', 'high'][number % 2],
          requester_name: number % 3 ? null : `R${number % 4}`,
          assigned_to: number % 2 ? bob.id : null,
          status: ['open', 'waiting'][number % 2],
          tags: [[], ['ä'], ['b', 'zz'], ['b', 'a']][number % 4]
        })
      }
      for (const number of [6, 9, 12])
        await database()`update public.tickets set snoozed_until = now() + make_interval(hours => ${number}) where team_id = ${team.id} and ticket_number = ${number}`
      return team
    })
    const team = await sortTeam
    const all = (await list(team, `?sort=${sort}&order=${order}`)).body
    expect(all).toHaveLength(30)
    const pages: Ticket[] = []
    for (let page = 1; page <= 5; page++) {
      const { body } = await api<Page<Ticket>>(bob, 'GET', `/teams/${team.id}/tickets?sort=${sort}&order=${order}&page=${page}&page_size=7`)
      expect(body).toMatchObject({ total: 30, page, page_size: 7 })
      expect(Object.keys(body).sort()).toEqual(['data', 'page', 'page_size', 'total'])
      pages.push(...body.data)
    }
    const walk: Ticket[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body }: { body: CursorPage<Ticket> } = await api<CursorPage<Ticket>>(
        bob,
        'GET',
        `/teams/${team.id}/tickets?sort=${sort}&order=${order}&page_size=7&cursor=${cursor}`
      )
      walk.push(...body.data)
      cursor = body.next_cursor
    }
    expect(pages).toEqual(all)
    expect(walk).toEqual(all)
  })
  let sortTeam: Promise<TeamWorld> | undefined

  test('a cursor by tags works for a ticket with the maximum number of tags', async () => {
    const team = await newTeam()
    const tags = Array.from({ length: 20 }, (_, number) => `${String.fromCharCode(97 + number)}${'中'.repeat(49)}`)
    await create(team, { tags })
    const url = `/teams/${team.id}/tickets?sort=tags&page_size=1&cursor=`
    const first = await api<CursorPage<Ticket>>(bob, 'GET', url)
    expect(first.body.data).toMatchObject([{ tags }])
    const second = await api<CursorPage<Ticket>>(bob, 'GET', `${url}${first.body.next_cursor}`)
    expect(second.status).toBe(200)
    expect(second.body.data).toHaveLength(1)
    expect(second.body.data[0]!.id).not.toBe(first.body.data[0]!.id)
  })

  test('a cursor stays valid when its ticket is deleted and other tickets are created', async () => {
    const team = await newTeam()
    const first = await api<CursorPage<Ticket>>(bob, 'GET', `/teams/${team.id}/tickets?page_size=2&cursor=`)
    await api(ann, 'DELETE', `/teams/${team.id}/tickets/${first.body.data[1]!.id}`)
    await create(team)
    const second = await api<CursorPage<Ticket>>(bob, 'GET', `/teams/${team.id}/tickets?page_size=2&cursor=${first.body.next_cursor}`)
    expect(second.body).toMatchObject({ data: [{ ticket_number: 2 }, { ticket_number: 1 }], next_cursor: null })
  })

  test("a cursor of another team returns only rows of the caller's own team", async () => {
    const foreign = await api<CursorPage<Ticket>>(bob, 'GET', `/teams/${(await newTeam()).id}/tickets?page_size=1&cursor=`)
    const { body } = await api<CursorPage<Ticket>>(dan, 'GET', `/teams/${initech.id}/tickets?cursor=${foreign.body.next_cursor}`)
    expect(body.data.every(({ team_id }) => team_id === initech.id)).toBe(true)
  })

  const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  test.each([
    'abc',
    '%00',
    json(null),
    json({}),
    json([]),
    json(['severity', 'asc', '3', unknownId]),
    json(['severity', 'asc', 'x', '2020-01-01', unknownId]),
    json(['severity', 'asc', '3', 'x', unknownId]),
    json(['severity', 'asc', '3', '2020-01-01', 'x']),
    json(['severity', 'desc', '3', '2020-01-01', unknownId]),
    json(['subject', 'asc', 'x', '2020-01-01', unknownId]),
    json(['severity', 'asc', '3\u0000', '2020-01-01', unknownId]),
    json(['severity', 'asc', '3', '2020-01-01', `${unknownId}\u0000`]),
    json(['severity', 'asc', '3', '2020-01-01', unknownId, 1]),
    json(['severity', 'asc', 3, 2, 1]),
    json(['severity', 'asc', "'; drop table tickets --", '2020-01-01', unknownId]),
    'x'.repeat(1_001)
  ])('the malformed cursor %s is refused', async cursor => {
    expectError(await list(acme, `?cursor=${cursor}`), 400)
  })

  const time = '2026-01-01 09:00:00.123456+00'
  test.each([
    ['severity', ['x', 'x', 'x']],
    ['severity', ['x', time, unknownId]],
    ['severity', ['', time, unknownId]],
    ['severity', ['9'.repeat(12), time, unknownId]],
    ['severity', ['3', '2026-02-30 09:00:00+00', unknownId]],
    ['severity', ['3', '0000-01-01 09:00:00+00', unknownId]],
    ['severity', ['3', 'now', unknownId]],
    ['severity', ['3', time, 'x']],
    ['severity', ['3', time, `{${unknownId}}`]],
    ['created_at', ['x', unknownId]],
    ['created_at', [time, time, unknownId]],
    ['created_at', [time, 'x']],
    ['subject', ['\ud800', time, unknownId]],
    ['snoozed_until', ['-infinity', time, unknownId]],
    ['ticket_number', ['1.5', time, unknownId]]
  ])('a cursor by %s with the invalid values %j is refused', async (sort, parts) => {
    const error = expectError(await list(acme, `?sort=${sort}&order=asc&cursor=${json([sort, 'asc', ...parts])}`), 400, 'invalid')
    expect(error.data.issues).toEqual([{ path: 'cursor', message: 'Not a cursor of this list' }])
  })

  test.each([
    ['severity', ['3', time, unknownId]],
    ['created_at', [time, unknownId]],
    ['snoozed_until', ['infinity', '2026-01-01 09:00:00+05:30', unknownId]],
    ['subject', ['', time, unknownId]]
  ])('a cursor by %s with the valid values %j is accepted', async (sort, parts) => {
    expect((await list(acme, `?sort=${sort}&order=asc&cursor=${json([sort, 'asc', ...parts])}`)).status).toBe(200)
  })

  test('a page beyond the last one is empty and has the total', async () => {
    const team = await newTeam()
    expect((await api<Page<Ticket>>(bob, 'GET', `/teams/${team.id}/tickets?page=100000&page_size=100`)).body).toEqual({
      data: [],
      total: 4,
      page: 100_000,
      page_size: 100
    })
  })

  test('realtime broadcasts the same row as the API, without the description', async () => {
    const team = await newTeam()
    const { body } = await patch(team, team.tickets.bobs, { subject: 'Renamed', snoozed_until: inHours(2) })
    const [message] = await database()<
      { record: Record<string, unknown> }[]
    >`select payload -> 'record' as record from realtime.messages where topic = ${`team:${team.id}:1`} and payload ->> 'table' = 'tickets' order by inserted_at desc limit 1`
    const { description, ...row } = body
    expect(description).toBeTruthy()
    expect(Object.keys(message!.record).sort()).toEqual(Object.keys(row).sort())
    for (const [column, value] of Object.entries(row)) {
      const received = message!.record[column]
      if (/_(at|until)$/.test(column) && value !== null) expect(new Date(received as string), column).toEqual(new Date(value as string))
      else expect(received, column).toEqual(value)
    }
  })
})

describe('snoozing a ticket', () => {
  test('a snoozed ticket wakes when somebody else replies, and its history has both events', async () => {
    const team = await newTeam()
    const { bobs } = team.tickets
    const until = inHours(3)
    expect((await patch(team, bobs, { snoozed_until: until }, bob)).body).toMatchObject({ snoozed_until: until, snoozed_by: bob.id })
    const reply = (person: typeof bob) =>
      api(person, 'POST', `/teams/${team.id}/tickets/${bobs}/replies`, { content: 'News', is_internal: true })
    await reply(bob)
    expect((await api<Ticket>(bob, 'GET', `/teams/${team.id}/tickets/1`)).body.snoozed_until).toBe(until)
    await reply(vera)
    expect((await api<Ticket>(bob, 'GET', `/teams/${team.id}/tickets/1`)).body).toMatchObject({ snoozed_until: null, snoozed_by: null })
    const { body: events } = await api<TicketEvent[]>(bob, 'GET', `/teams/${team.id}/tickets/${bobs}/audit`)
    expect(
      events
        .filter(({ type }) => type === 'ticket.snoozed')
        .map(({ actor, from, to }) => [actor?.id, from && new Date(String(from)).toISOString(), to && new Date(String(to)).toISOString()])
    ).toEqual([
      [vera.id, until, null],
      [bob.id, null, until]
    ])
  })

  test('a snooze ends when it is removed, when the ticket is reassigned and when it is resolved', async () => {
    const team = await newTeam()
    const snooze = () => patch(team, team.tickets.bobs, { snoozed_until: inHours(3) })
    for (const change of [{ snoozed_until: null }, { assigned_to: adam.id }, { status: 'resolved' }]) {
      expect((await snooze()).body.snoozed_until).not.toBeNull()
      expect((await patch(team, team.tickets.bobs, change)).body.snoozed_until).toBeNull()
    }
    expect(expectError(await snooze(), 422, 'snooze_status').message).toBe('A resolved or closed ticket cannot be snoozed')
  })

  test.each([
    [-1, 'snooze_past', 'A snooze must end in the future'],
    [367 * 24, 'snooze_too_long', 'A snooze can last a year at most']
  ] as const)('snoozing a ticket for %i hours refuses the whole request', async (hours, code, message) => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    expect(expectError(await patch(team, team.tickets.bobs, { subject: 'Other', snoozed_until: inHours(hours) }), 422, code).message).toBe(
      message
    )
    expect(await readTeamRows(team.id)).toEqual(before)
  })

  test('awaiting and is:unanswered tell tickets that wait for us from those that wait for the client', async () => {
    const team = await newTeam()
    const [{ body: first }, { body: second }] = [await create(team, { tags: ['new'] }), await create(team, { tags: ['new'] })]
    const read = async (query: string) => (await numbers(team, `?tag=new&sort=ticket_number&order=asc&${query}`)).join()
    const both = async () => [await read('awaiting=us'), await read('awaiting=client')]
    const [one, two] = [String(first.ticket_number), String(second.ticket_number)]
    expect(first).toMatchObject({ last_message_at: first.created_at, last_message_by: 'requester' })
    expect(await both()).toEqual([`${one},${two}`, ''])
    const reply = (fields: Record<string, unknown>) =>
      api<Reply>(bob, 'POST', `/teams/${team.id}/tickets/${first.id}/replies`, { content: 'x', ...fields })
    expect((await reply({ is_internal: true })).status).toBe(201)
    expect(await both()).toEqual([`${one},${two}`, ''])
    const { body: answer } = await reply({ is_internal: false })
    expect(await both()).toEqual([two, one])
    expect([await read('q=is:unanswered'), await read('q=-is:unanswered')]).toEqual([two, one])
    const { body: answered } = await api<Ticket>(bob, 'GET', `/teams/${team.id}/tickets/${first.ticket_number}`)
    expect(answered).toMatchObject({ last_message_at: answer.created_at, last_message_by: 'agent' })
    for (const { id } of [first, second]) await patch(team, id, { status: 'resolved' })
    expect(await both()).toEqual(['', ''])
    for (const value of ['', 'me', 'US', 'us,client']) expectError(await list(team, `?awaiting=${value}`), 400)
  })

  test('lists contain snoozed tickets unless snoozed=false leaves them out', async () => {
    const team = await newTeam()
    await patch(team, team.tickets.bobs, { snoozed_until: inHours(3) })
    await patch(team, team.tickets.anns, { snoozed_until: inHours(2) })
    expect((await numbers(team)).sort()).toEqual([1, 2, 3, 4])
    expect((await numbers(team, '?status=open')).sort()).toEqual([1, 2])
    expect(await numbers(team, '?snoozed=true&sort=snoozed_until')).toEqual([4, 1])
    expect((await numbers(team, '?snoozed=false')).sort()).toEqual([2, 3])
    expect((await numbers(team, '?q=is:snoozed')).sort()).toEqual([1, 4])
    expect((await numbers(team, '?q=-is:snoozed')).sort()).toEqual([2, 3])
    expect((await api<TicketCounts>(bob, 'GET', `/teams/${team.id}/tickets/counts?snoozed=true`)).body).toMatchObject({
      open: 1,
      waiting: 1,
      closed: 0
    })
    for (const value of ['', 'yes', '1', 'TRUE', 'true&snoozed=false']) expectError(await list(team, `?snoozed=${value}`), 400)
  })
})

test('browsers sort names as the server does, in any script', async () => {
  const team = await newTeam()
  const names = [
    'Zoe',
    'zoe',
    'Ängström',
    'Angstrom',
    'angst',
    'éclair',
    'Éclair',
    'eclair',
    'ecu',
    '日本',
    '中国',
    '東京',
    'ひらがな',
    'カタカナ',
    'Ørsted',
    'Ostrava',
    'Œuvre',
    'straße',
    'strasse',
    'Łódź',
    'Lodz',
    'İzmir',
    'ızgara',
    'Izmir',
    'Ñandú',
    'nandu',
    'Жуков',
    'Ёлка',
    'Елка',
    'Ωmega',
    'العربية',
    'עברית',
    'ไทย',
    'हिन्दी',
    '한국어',
    '10',
    '9',
    '#1',
    '_x',
    '-a',
    'a b',
    'ab',
    'a-b',
    '🔥 fire',
    'e\u0301clair',
    'ﬁne',
    'fine',
    'O’Neil',
    'ONeil'
  ]
  for (const subject of names) await create(team, { subject, requester_name: subject })
  for (const [sort, order] of [
    ['subject', 'asc'],
    ['subject', 'desc'],
    ['requester_name', 'asc'],
    ['category', 'asc'],
    ['assignee_name', 'asc']
  ] as const) {
    const { body } = await list(team, `?sort=${sort}&order=${order}`)
    const shuffled = body.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect(
      shuffled.sort(listRules(parseListQuery({ sort, order }), bob.id).compare).map(({ subject }) => subject),
      `${sort} ${order}`
    ).toEqual(body.map(({ subject }) => subject))
  }
  const sorted = (await list(team, '?sort=subject&order=asc')).body.map(({ subject }) => subject)
  const known = ['angst', 'Ängström', 'éclair', 'Zoe', '日本']
  expect(sorted.filter(subject => known.includes(subject))).toEqual(known)
})

describe('one ticket', () => {
  test('a ticket is found by its id in upper or lower case and by its number', async () => {
    const team = await newTeam()
    for (const key of [team.tickets.bobs, team.tickets.bobs.toUpperCase(), '1', '001'])
      expect((await api<Ticket>(vera, 'GET', `/teams/${team.id}/tickets/${key}`)).body.id, key).toBe(team.tickets.bobs)
  })

  test.each([
    '0',
    '99',
    '999999999',
    '9999999999',
    '-1',
    '1.0',
    '%231',
    '1e3',
    'x',
    '%20',
    unknownId,
    `{${acme.tickets.bobs}}`,
    acme.tickets.bobs.replaceAll('-', ''),
    `urn:uuid:${acme.tickets.bobs}`,
    `${acme.tickets.bobs}%00`,
    'null',
    'x'.repeat(1_000),
    initech.tickets.dans
  ])('the ticket key %s answers 404', async key => {
    const missing = await api(ann, 'GET', `/teams/${acme.id}/tickets/${unknownId}`)
    const answer = await api(ann, 'GET', `/teams/${acme.id}/tickets/${key}`)
    expectError(answer, 404, 'not_found')
    expect(answer.body).toEqual(missing.body)
  })

  test("another team's ticket cannot be read, changed, claimed, deleted or replied to under the caller's team", async () => {
    const before = await readTeamRows(initech.id)
    const path = `/teams/${acme.id}/tickets/${initech.tickets.dans}`
    for (const [method, suffix, body] of [
      ['GET', ''],
      ['PATCH', '', { subject: 'x' }],
      ['DELETE', ''],
      ['PUT', '/claim'],
      ['DELETE', '/claim'],
      ['GET', '/replies'],
      ['POST', '/replies', { content: 'x' }],
      ['DELETE', `/replies/${initech.replies.dans}`]
    ] as const) {
      const answer = await api(ann, method, path + suffix, body)
      expectError(answer, 404, 'not_found')
      expect(answer.body).toEqual((await api(ann, method, path.replace(initech.tickets.dans, unknownId) + suffix, body)).body)
    }
    expect(await readTeamRows(initech.id)).toBe(before)
  })
})

describe('changing a ticket', () => {
  test('PATCH changes the given fields of a ticket and keeps the rest', async () => {
    const team = await newTeam()
    const { attachments: _, articles: __, ...before } = (await api<TicketDetail>(bob, 'GET', `/teams/${team.id}/tickets/1`)).body
    const { body } = await patch(team, team.tickets.bobs, { priority: 'high' }, bob)
    expect(body).toEqual({
      ...before,
      priority: 'high',
      version: before.version + 1,
      updated_at: body.updated_at,
      last_activity_at: body.last_activity_at
    })
    expect(body.updated_at > before.updated_at).toBe(true)
  })

  test.each([{}, { subject: 'VPN drops every hour' }, { tags: ['vpn'] }, { tags: ['VPN'] }, { assigned_to: bob.id }, { status: 'open' }])(
    'a change to %o, which the ticket has already, writes nothing and creates no version',
    async changes => {
      const team = await newTeam()
      const before = await readTeamRows(team.id)
      expect((await patch(team, team.tickets.bobs, changes)).status).toBe(200)
      expect(await readTeamRows(team.id)).toBe(before)
    }
  )

  test('PATCH with tags replaces all tags of a ticket, also with none', async () => {
    const team = await newTeam()
    expect((await patch(team, team.tickets.bobs, { tags: ['b', 'a'] }, bob)).body.tags).toEqual(['a', 'b'])
    expect((await patch(team, team.tickets.bobs, { tags: ['a', 'c'] }, bob)).body.tags).toEqual(['a', 'c'])
    expect((await patch(team, team.tickets.bobs, { tags: [] }, bob)).body.tags).toEqual([])
  })

  test('add_tags and remove_tags keep concurrent changes of tags', async () => {
    const team = await newTeam()
    const ticket = team.tickets.bobs
    await patch(team, ticket, { tags: ['a', 'b'] }, bob)
    await Promise.all([patch(team, ticket, { add_tags: ['C'], remove_tags: ['a'] }, bob), patch(team, ticket, { add_tags: ['d', 'b'] })])
    expect((await patch(team, ticket, { remove_tags: ['never there'] })).body.tags).toEqual(['b', 'c', 'd'])
    expectError(await patch(team, ticket, { tags: ['a'], add_tags: ['e'] }), 400, 'invalid')
    expectError(await patch(team, ticket, { tags: ['a'], remove_tags: ['b'] }), 400, 'invalid')
    const many = Array.from({ length: 17 }, (_, number) => `t${number}`)
    const before = await readTeamRows(team.id)
    expectError(await patch(team, ticket, { subject: 'Other', add_tags: [...many, 'one more'] }), 422, 'tag_limit')
    expect(await readTeamRows(team.id)).toBe(before)
    expect((await patch(team, ticket, { add_tags: [...many, 'd'] })).body.tags).toHaveLength(20)
  })

  test('resolving a ticket sets resolved_at, and reopening clears it', async () => {
    const team = await newTeam()
    const resolved = (await patch(team, team.tickets.bobs, { status: 'resolved' }, bob)).body
    expect(resolved.resolved_at).toBeTruthy()
    const edited = (await patch(team, team.tickets.bobs, { subject: 'Later' }, bob)).body
    expect(edited.resolved_at).toBe(resolved.resolved_at)
    expect((await patch(team, team.tickets.bobs, { status: 'in_progress' }, bob)).body.resolved_at).toBeNull()
  })

  test('a closed ticket can only be reopened', async () => {
    const team = await newTeam()
    for (const status of ['in_progress', 'waiting', 'resolved'])
      expectError(await patch(team, team.tickets.closed, { status }), 422, 'status_transition')
    expect((await patch(team, team.tickets.closed, { status: 'open' })).body).toMatchObject({
      status: 'open',
      closed_at: null,
      resolved_at: null
    })
  })

  test('a change with an assignment that the member may not make is refused as a whole', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    expectError(await patch(team, team.tickets.bobs, { subject: 'Other', assigned_to: adam.id }, bob), 403)
    expectError(await patch(team, team.tickets.unassigned, { subject: 'Other', assigned_to: bob.id }, bob), 403)
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('a change with an invalid tag is refused as a whole', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    expectError(await patch(team, team.tickets.bobs, { subject: 'Other', tags: ['ok', ''] }), 400, 'invalid')
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('a change with a stale version answers 412 with the current row', async () => {
    const team = await newTeam()
    const { body: seen } = await api<Ticket>(bob, 'GET', `/teams/${team.id}/tickets/1`)
    const { body: changed } = await patch(team, seen.id, { subject: 'First', version: seen.version })
    expect(changed.version).toBe(seen.version + 1)
    for (const headers of [{}, { 'if-match': `"${seen.version}"` }, { 'if-match': String(seen.version) }]) {
      const error = expectError(
        await patch(team, seen.id, { subject: 'Second', ...(Object.keys(headers).length ? {} : { version: seen.version }) }, bob, headers),
        412,
        'version'
      )
      expect(error.data.current).toEqual(changed)
    }
    expect((await patch(team, seen.id, { subject: 'Second' }, bob, { 'if-match': `"${changed.version}"` })).body.subject).toBe('Second')
  })

  test.each(['"x"', 'W/"1"', '*', '""', '-1', '1, 2', '9999999999'])(
    'the If-Match header %s is refused, whatever version the body has',
    async header => {
      for (const version of [undefined, 1])
        expectError(await patch(acme, acme.tickets.bobs, { subject: 'x', version }, ann, { 'if-match': header }), 400, 'invalid')
      expectError(
        await api(ann, 'DELETE', `/teams/${acme.id}/tickets/${acme.tickets.bobs}`, undefined, { headers: { 'if-match': header } }),
        400,
        'invalid'
      )
    }
  )

  test('a version in the body and an If-Match header must both be current', async () => {
    const team = await newTeam()
    const before = (await patch(team, team.tickets.bobs, { subject: 'First' })).body
    for (const [inBody, inHeader] of [
      [before.version, before.version - 1],
      [before.version - 1, before.version]
    ]) {
      expect(
        expectError(
          await patch(team, before.id, { subject: 'Second', version: inBody }, bob, { 'if-match': `"${inHeader}"` }),
          412,
          'version'
        ).data.current
      ).toEqual(before)
    }
    expect(
      (await patch(team, before.id, { subject: 'Second', version: before.version }, bob, { 'if-match': `"${before.version}"` })).body
        .subject
    ).toBe('Second')
  })

  test('a deletion with a stale If-Match header answers 412 with the current row', async () => {
    const team = await newTeam()
    const remove = (version: number) =>
      api(ann, 'DELETE', `/teams/${team.id}/tickets/${team.tickets.bobs}`, undefined, { headers: { 'if-match': `"${version}"` } })
    const { body: current } = await patch(team, team.tickets.bobs, { subject: 'Changed since' })
    expect(expectError(await remove(current.version - 1), 412, 'version').data.current).toEqual(current)
    expect((await remove(current.version)).status).toBe(204)
    expectError(await remove(current.version), 404, 'not_found')
  })

  test('of fifty concurrent changes with the same version one succeeds', async () => {
    const team = await newTeam()
    const {
      body: { version }
    } = await api<Ticket>(bob, 'GET', `/teams/${team.id}/tickets/1`)
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, number) =>
        patch(team, team.tickets.bobs, { subject: `Version ${number}`, version }, number % 2 ? ann : bob)
      )
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 49 }, () => 412)])
    const winner = answers.find(({ status }) => status === 200)!.body
    expect((await api<Ticket>(bob, 'GET', `/teams/${team.id}/tickets/1`)).body).toMatchObject(winner!)
  })
})

describe('claiming a ticket', () => {
  const claim = (team: TeamWorld, id: string, person = bob, method = 'PUT') =>
    api<Ticket>(person, method, `/teams/${team.id}/tickets/${id}/claim`)

  test('claiming assigns an unassigned ticket, releasing unassigns it, and a repetition changes nothing', async () => {
    const team = await newTeam()
    const id = team.tickets.unassigned
    const { body: claimed } = await claim(team, id)
    expect(claimed).toMatchObject({ assigned_to: bob.id, assignee_name: bob.name })
    expect((await claim(team, id)).body).toEqual(claimed)
    const { body: released } = await claim(team, id, bob, 'DELETE')
    expect(released.assigned_to).toBeNull()
    expect((await claim(team, id, bob, 'DELETE')).body).toEqual(released)
  })

  test("claiming or releasing somebody else's ticket answers 409 with the assignee", async () => {
    const team = await newTeam()
    const error = expectError(await claim(team, team.tickets.anns), 409, 'assigned')
    expect(error.message).toContain(ann.name)
    expect(error.data.current).toMatchObject({ assigned_to: ann.id })
    expectError(await claim(team, team.tickets.anns, bob, 'DELETE'), 409, 'assigned')
  })

  test('of three people who claim a ticket concurrently, one gets it', async () => {
    const team = await newTeam()
    const answers = await Promise.all([ann, adam, bob, ann, adam, bob].map(person => claim(team, team.tickets.unassigned, person)))
    expect(answers.filter(({ status }) => status !== 200 && status !== 409)).toEqual([])
    expect(new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.assigned_to)).size).toBe(1)
  })
})

describe('the first response to a ticket', () => {
  test('first_response_at is the time of the first public reply, not of a note or a later reply', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets/${team.tickets.unassigned}`
    const first = async () => (await api<Ticket>(bob, 'GET', path)).body.first_response_at
    await api(bob, 'POST', `${path}/replies`, { content: 'A note', is_internal: true })
    expect(await first()).toBeNull()
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, number) =>
        api<Reply>([ann, adam, bob, vera][number % 4]!, 'POST', `${path}/replies`, { content: `Reply ${number}` })
      )
    )
    const times = replies.map(({ body }) => body.created_at)
    const set = (await first())!
    expect(times).toContain(set)
    await api(bob, 'POST', `${path}/replies`, { content: 'Later' })
    expect(await first()).toBe(set)
    expect((await api<Ticket>(bob, 'GET', path)).body.reply_count).toBe(12)
  })
})

test('deleting a ticket deletes its replies and tags, and its number is not used again', async () => {
  const team = await newTeam()
  const { body } = await create(team)
  expect((await api(adam, 'DELETE', `/teams/${team.id}/tickets/${body.id}`)).status).toBe(204)
  expectError(await api(adam, 'DELETE', `/teams/${team.id}/tickets/${body.id}`), 404)
  expect((await create(team)).body.ticket_number).toBe(body.ticket_number + 1)
  await api(adam, 'DELETE', `/teams/${team.id}/tickets/${team.tickets.bobs}`)
  expect(
    await database()`select id from public.ticket_replies where ticket_id = ${team.tickets.bobs} union all select id from public.ticket_tags where ticket_id = ${team.tickets.bobs}`
  ).toHaveLength(0)
})

describe('types and items of a ticket', () => {
  test('a type or item that does not belong to the level above is refused, not dropped silently', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets`
    const [{ id: other }] = await database()<
      [{ id: string }]
    >`insert into public.ticket_types (team_id, category, name) values (${team.id}, 'bug', 'Other') returning id`
    const { body: ticket } = await create(team, { category: 'bug', type_id: team.type, item_id: team.item }, ann)
    const refused: [change: object, path: string][] = [
      [{ type_id: null, item_id: team.item }, 'item_id'],
      [{ category: 'billing', type_id: team.type }, 'type_id'],
      [{ category: 'billing', type_id: team.type, item_id: team.item }, 'type_id'],
      [{ type_id: other, item_id: team.item }, 'item_id'],
      [{ category: 'billing', item_id: team.item }, 'item_id']
    ]
    for (const [change, field] of refused) {
      const answer = await api(ann, 'PATCH', `${path}/${ticket.id}`, change)
      expectError(answer, 400, 'invalid')
      expect((answer.body as { data: { issues: { path: string }[] } }).data.issues[0]!.path, JSON.stringify(change)).toBe(field)
    }
    expectError(await create(team, { category: 'bug', item_id: team.item }, ann), 400, 'invalid')
    expect((await api<Ticket>(ann, 'GET', `${path}/${ticket.id}`)).body).toEqual({ ...ticket, attachments: [], articles: [] })
    expect((await api<Ticket>(ann, 'PATCH', `${path}/${ticket.id}`, { category: 'billing' })).body).toMatchObject({
      category: 'billing',
      type_id: null,
      item_id: null
    })
  })
})

test('the audit log, notifications and deliveries can be listed in numbered pages', async () => {
  const team = await newTeam()
  for (const list of [`tickets/${team.tickets.bobs}/audit`, 'audit', 'notifications']) {
    const path = `/teams/${team.id}/${list}`
    const all = (await api<unknown[]>(ann, 'GET', path)).body
    const { body } = await api<Page<unknown>>(ann, 'GET', `${path}?page=1&page_size=2`)
    expect(body, list).toEqual({ data: all.slice(0, 2), total: all.length, page: 1, page_size: 2 })
    expectError(await api(ann, 'GET', `${path}?page=1&cursor=`), 400, 'invalid')
  }
  const deliveries = `/teams/${team.id}/webhooks/${team.webhook}/deliveries`
  const { data } = (await api<{ data: unknown[] }>(ann, 'GET', deliveries)).body
  expect((await api(ann, 'GET', `${deliveries}?page=1`)).body).toEqual({ data, total: data.length, page: 1, page_size: 25 })
})

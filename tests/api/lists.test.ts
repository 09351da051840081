import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Operation } from '#server/openapi/describe'
import { nouns } from '#server/openapi/document'
import { maxListBytes, maxListLength } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import type { Page } from '#shared/types/api'
import { api, database, expectError, newTeam, type Answer } from '../support/api.ts'
import { buildRequest, routes, type RouteRight } from '../support/routes.ts'
import { acme, ann, bob, initech, ivan, vera, type TeamWorld } from '../support/world.ts'

type Row = Record<string, unknown>
interface Route extends RouteRight {
  operation: Operation
  isList: boolean
  isBare: boolean
  hasCursor: boolean
}

const gets: Route[] = nouns
  .flatMap(noun => Object.entries(noun.routes))
  .flatMap(([route, operation]) => {
    const answer = operation.answers[200]?.json
    if (!route.startsWith('GET ') || !answer) return []
    const schema = z.toJSONSchema(answer, { unrepresentable: 'any' })
    const shapes = [schema, ...(schema.anyOf ?? [])] as { type?: string; properties?: Row }[]
    const right = routes.find(right => right.route === route)!
    return [
      {
        ...right,
        query: undefined,
        operation,
        isList: shapes.some(({ type, properties }) => type === 'array' || (properties && 'data' in properties)),
        isBare: shapes.some(({ type }) => type === 'array'),
        hasCursor: shapes.some(({ properties }) => properties && 'next_cursor' in properties)
      }
    ]
  })
const lists = gets.filter(({ isList }) => isList)
const bareLists = lists.filter(({ isBare }) => isBare)

function read<T = Row[]>(route: RouteRight, team: TeamWorld, query = '', as = ann): Promise<Answer<T>> {
  const { method, path } = buildRequest(route, team)
  return api<T>(as, method, path + query)
}

test('this file tests every route that answers a list', () => {
  const ofTeam = [
    'api-keys',
    'article-categories',
    'articles',
    'articles/[articleId]/feedback',
    'articles/[articleId]/revisions',
    'articles/[articleId]/tickets',
    'audit',
    'calendars',
    'canned-responses',
    'contacts',
    'contacts/[contactId]/merges',
    'cti/categories',
    'cti/items',
    'cti/types',
    'drafts',
    'invitations',
    'jobs',
    'members',
    'notifications',
    'organizations',
    'projects',
    'sla-policies',
    'sla-simulations',
    'sla-simulations/[simulationId]/clocks',
    'saved-views',
    'tags',
    'tickets',
    'tickets/[ticketId]/audit',
    'tickets/[ticketId]/mails',
    'tickets/[ticketId]/participants',
    'tickets/[ticketId]/replies',
    'tickets/[ticketId]/sla',
    'webhooks',
    'webhooks/[webhookId]/deliveries'
  ]
  const others = ['GET /teams', 'GET /public/[teamSlug]/articles']
  expect(lists.map(({ route }) => route).sort()).toEqual([...others, ...ofTeam.map(path => `GET /teams/[teamId]/${path}`)].sort())
})

describe('a list with the parameter page', () => {
  let team: TeamWorld
  beforeAll(async () => {
    team = await newTeam()
    const sql = database()
    await sql`insert into reply_drafts ${sql([team.tickets.bobs, team.tickets.anns, team.tickets.closed].map(ticket_id => ({ team_id: team.id, ticket_id, user_id: ann.id, content: 'x' })))}`
    await sql`insert into ticket_tags ${sql(['printer', 'vpn', 'wifi'].map(tag => ({ team_id: team.id, ticket_id: team.tickets.anns, tag })))}`
    await sql`insert into mails ${sql([1, 2, 3].map(event_id => ({ team_id: team.id, ticket_id: team.tickets.bobs, event_id, kind: 'public_reply', recipient: 'client@mail.test', state: 'failed' })))}`
  })

  test.each(lists)('$route returns page_size rows per page, and all rows over all pages', async route => {
    const pages: Row[] = []
    let total = 1
    for (let page = 1; pages.length < total && page < 200; page++) {
      const { status, body } = await read<Page<Row>>(route, team, `?page=${page}&page_size=2`)
      expect(status, JSON.stringify(body)).toBe(200)
      expect(Object.keys(body).sort()).toEqual(['data', 'page', 'page_size', 'total'])
      expect([body.page, body.page_size, body.data.length]).toEqual([page, 2, Math.min(2, body.total - pages.length)])
      pages.push(...body.data)
      total = body.total
    }
    const whole = (await read<Row[] | { data: Row[] } | { jobs: Row[] }>(route, team)).body
    if (route.route !== 'GET /teams') expect(pages).toEqual(Array.isArray(whole) ? whole : 'data' in whole ? whole.data : whole.jobs)
    const beyond = (await read<Page<Row>>(route, team, '?page=100000')).body
    expect(beyond).toEqual({ data: [], total, page: 100_000, page_size: 25 })
  })

  test.each(lists)('$route refuses an invalid page', async route => {
    for (const query of [
      'page=',
      'page=0',
      'page=-1',
      'page=1.5',
      'page=x',
      'page=100001',
      'page=1&page=2',
      'page=1&page_size=0',
      'page=1&page_size=101',
      'page=1&page_size=x',
      'page=1&cursor=',
      ...(route.isBare ? ['page_size=5'] : []),
      ...(route.hasCursor ? [] : ['cursor='])
    ]) {
      expectError(await read(route, team, `?${query}`), 400, 'invalid')
    }
  })

  test.each(gets.filter(({ isList, operation }) => !isList && operation.permission))(
    '$route refuses page, because it answers no list',
    async route => {
      expectError(await read(route, team, '?page=1'), 400, 'invalid')
    }
  )

  test('the list of tags refuses limit together with page', async () => {
    expectError(await api(ann, 'GET', `/teams/${team.id}/tags?page=1&limit=5`), 400, 'invalid')
  })

  test.each(lists.filter(({ route }) => route.includes('[teamId]')))(
    '$route answers 404 to people outside the team and lists nothing of another team',
    async route => {
      for (const query of ['', '?page=1']) {
        expectError(await read(route, team, query, ivan), 404, 'not_found')
        // The list of his own team contains nothing of the other team.
        const { path } = buildRequest(route, team, { teamId: initech.id })
        const own = await api(ivan, 'GET', path + query)
        if (route.parameters) expectError(own, 404, 'not_found')
        else
          expect(JSON.stringify(own.body)).not.toMatch(
            new RegExp(
              [team.id, ...Object.values(team.tickets), team.apiKey, team.webhook, team.invitation, team.item, team.type].join('|')
            )
          )
      }
    }
  )

  test("the list of types or items under another team's category or type is empty", async () => {
    for (const query of [`types?category_id=${acme.category}`, `items?type_id=${acme.type}`]) {
      expect((await api<Page<Row>>(ivan, 'GET', `/teams/${initech.id}/cti/${query}&page=1`)).body).toMatchObject({ data: [], total: 0 })
    }
  })
})

describe('a list without parameters', () => {
  const count = maxListLength + 1
  let team: TeamWorld
  const teamIds: string[] = []

  beforeAll(async () => {
    team = await newTeam()
    const { id, tickets } = team
    await database().begin(async sql => {
      await sql`select set_config('switchboard.channel', 'import', true)`
      await sql`with made as (insert into profiles (kind, full_name) select 'service', 'Agent ' || n from generate_series(1, ${count}::int) as n returning id) insert into team_members (team_id, user_id, role) select ${id}, made.id, 'viewer' from made`
      await sql`insert into team_invitations (team_id, email, role, token_hash) select ${id}, n || '@elsewhere.test', 'viewer', extensions.gen_random_bytes(32) from generate_series(1, ${count}::int) as n`
      await sql`insert into canned_responses (team_id, title, content, created_by) select ${id}, 'Text ' || n, 'x', ${ann.id} from generate_series(1, ${count}::int) as n`
      await sql`insert into articles (team_id, audience, is_published) select ${id}, 'public', true from generate_series(1, ${count}::int)`
      const published = sql`from articles where team_id = ${id} and is_published and id <> ${team.articles.printer}`
      await sql`insert into article_translations (team_id, article_id, locale) select team_id, id, 'en' ${published}`
      await sql`insert into article_revisions (team_id, article_id, locale, number, kind, title, content) select team_id, id, 'en', 1, 'published', 'Article', 'x' ${published}`
      await sql`
        update article_translations as known set slug = 'a-' || known.article_id, published_revision_id = revision.id, published_version = 1,
          published_at = now(), title = 'Article', search = '', title_search = ''
        from article_revisions as revision where known.team_id = ${id} and known.slug is null and revision.article_id = known.article_id
          and revision.kind = 'published'`
      await sql`
        insert into article_revisions (team_id, article_id, locale, number, kind, title, content)
        select ${id}, ${team.articles.printer}, 'en', 1 + n, 'saved', 'x', 'x' from generate_series(1, ${count}::int) as n`
      await sql`
        insert into article_feedback (team_id, article_id, locale, visitor, is_helpful)
        select ${id}, ${team.articles.printer}, 'en', int4send(n), true from generate_series(1, ${count}::int) as n`
      await sql`insert into organizations (team_id, name, created_by) select ${id}, 'Organization ' || n, ${ann.id} from generate_series(1, ${count}::int) as n`
      await sql`with made as (insert into contacts (team_id, name, created_by) select ${id}, 'Contact ' || n, ${ann.id} from generate_series(1, ${count}::int) as n returning id)
        insert into contact_merges (team_id, contact_id, duplicate_id, addresses, before, after, merged_by) select ${id}, ${team.contacts.carla}, made.id, '{}', '{}', '{}', ${ann.id} from made`
      await sql`insert into ticket_replies (team_id, ticket_id, user_id, content) select ${id}, ${tickets.bobs}, ${bob.id}, 'Reply ' || n from generate_series(1, ${count}::int) as n`
      await sql`with made as (insert into tickets (team_id, subject, description, created_by) select ${id}, 'Ticket ' || n, 'x', ${bob.id} from generate_series(1, ${count}::int) as n returning id)
        insert into reply_drafts (team_id, ticket_id, user_id, content) select ${id}, made.id, ${ann.id}, 'x' from made`
      await sql`insert into ticket_articles (team_id, ticket_id, article_id) select ${id}, id, ${team.articles.printer} from tickets where team_id = ${id} on conflict do nothing`
      await sql`insert into ticket_tags (team_id, ticket_id, tag) select ${id}, ticket.id, 'tag-' || ticket.ticket_number from tickets as ticket where ticket.team_id = ${id} order by ticket.ticket_number limit 50`
      await sql`insert into mails (team_id, ticket_id, event_id, kind, recipient, state) select ${id}, ${tickets.bobs}, n, 'public_reply', 'client@mail.test', 'failed' from generate_series(1, ${count}::int) as n`
      await sql`insert into notifications (team_id, user_id, event_id, kind, ticket_id) select ${id}, ${ann.id}, event.id, 'replied', ${tickets.bobs} from ticket_events as event where event.team_id = ${id} and event.type = 'reply.created'`
      await sql`insert into sla_simulation_clocks (team_id, simulation_id, id, ticket_id, metric, started_at) select ${id}, ${team.simulation}, n, ${tickets.bobs}, 'resolution', now() + n * interval '1 minute' from generate_series(1, ${count}::int) as n`
      for (let type = 0; type < 11; type++) {
        await sql`with made as (insert into ticket_types (team_id, category, name, position) values (${id}, 'bug', ${`Type ${type}`}, ${type + 2}) returning id)
          insert into ticket_items (team_id, type_id, name, position) select ${id}, made.id, 'Item ' || n, n from made, generate_series(1, 99) as n`
      }
      const teams = await sql<
        { id: string }[]
      >`insert into teams (name, slug) select 'Many', ${`many-${id.slice(0, 8)}-`} || n from generate_series(1, ${count}::int) as n returning id`
      teamIds.push(...teams.map(({ id }) => id))
      await sql`insert into team_members (team_id, user_id, role) select id, ${vera.id}, 'viewer' from unnest(${teamIds}::uuid[]) as id`
    })
    // Plans made while the tables were nearly empty read them whole for each row. Autovacuum analyzes them within a minute.
    await database()`analyze`
  }, 120_000)
  afterAll(() => database()`delete from teams where id = any(${teamIds}::uuid[])`)

  // Limits keep these lists short: 1,000 projects, 20 participants, 100 keys and categories, 20 webhooks, 50 calendars and SLA policies, 11 SLA
  // simulations, 50 views of a person and 50 shared ones; and a ticket has few clocks. Types have no such limit: the list of items stands in for theirs.
  const bounded = [
    '/projects',
    '/participants',
    '/article-categories',
    '/api-keys',
    '/cti/categories',
    '/cti/types',
    '/webhooks',
    '/calendars',
    '/sla-policies',
    '/sla-simulations',
    '/sla',
    '/saved-views'
  ]
  test.each(bareLists.filter(({ route }) => !bounded.some(path => route.endsWith(path)) && !route.endsWith('/tags')))(
    '$route returns 1,000 rows and sets x-truncated',
    async route => {
      const as = route.route === 'GET /teams' ? vera : ann
      const { status, body, headers } = await read(route, team, '', as)
      expect([status, body.length, headers.get('x-truncated')], status === 200 ? '' : JSON.stringify(body)).toEqual([
        200,
        maxListLength,
        'true'
      ])
      const { status: pageStatus, body: page } = await read<Page<Row>>(route, team, '?page=11&page_size=100', as)
      expect(pageStatus, JSON.stringify(page)).toBe(200)
      expect(page.total).toBeGreaterThan(maxListLength)
      expect(page.data[0]).not.toEqual(body.at(-1))
    }
  )

  test.each(bareLists.filter(({ route }) => bounded.some(path => route.endsWith(path))))(
    '$route returns all rows and does not set x-truncated',
    async route => {
      const { body, headers } = await read(route, team)
      expect([body.length, headers.get('x-truncated')]).toEqual([(await read<Page<Row>>(route, team, '?page=1')).body.total, null])
    }
  )

  test('the list of tags returns 20 rows, or as many as limit asks for', async () => {
    const tags = (query: string) =>
      api<Row[]>(ann, 'GET', `/teams/${team.id}/tags${query}`).then(({ body, headers }) => [body.length, headers.get('x-truncated')])
    expect([await tags(''), await tags('?limit=100'), await tags('?limit=3')]).toEqual([
      [20, 'true'],
      [51, null],
      [3, 'true']
    ])
  })

  test('the list of jobs returns 100 rows and counts all', async () => {
    const { body } = await api<{ jobs: Row[]; counts: { failed: number } }>(ann, 'GET', `/teams/${team.id}/jobs`)
    expect(body.jobs).toHaveLength(100)
    expect(body.counts.failed).toBeGreaterThanOrEqual(count)
  })

  test('the list of deliveries returns a page of 25 rows with a cursor', async () => {
    const sql = database()
    await sql`insert into webhook_deliveries (team_id, webhook_id, type, payload_id, state, attempts, next_attempt_at) select ${team.id}, ${team.webhook}, 'ping', payload.id, 'failed', 1, null from webhook_payloads as payload, generate_series(1, 30) where payload.team_id = ${team.id}`
    const { body } = await api<{ data: Row[]; next_cursor: string }>(ann, 'GET', `/teams/${team.id}/webhooks/${team.webhook}/deliveries`)
    expect(body.data).toHaveLength(25)
    expect(body.next_cursor).toBeTruthy()
  })

  test('a ticket with include=replies returns 1,000 replies and sets x-truncated', async () => {
    const { body, headers } = await api<{ replies: Row[] }>(ann, 'GET', `/teams/${team.id}/tickets/${team.tickets.bobs}?include=replies`)
    expect([body.replies.length, headers.get('x-truncated')]).toEqual([maxListLength, 'true'])
  })

  test('a reply to an outdated conversation answers 409 with the next unseen replies, up to 100 kB', async () => {
    const path = `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`
    const { replies } = expectError(await api(bob, 'POST', path, { content: 'x', base_reply_id: null }), 409, 'thread_changed')
      .data as unknown as { replies: Row[] }
    expect(JSON.stringify(replies).length).toBeGreaterThan(99_000)
    expect(JSON.stringify(replies).length).toBeLessThan(101_000)
    expect((await api<Row[]>(ann, 'GET', path)).body.slice(0, replies.length)).toEqual(replies)
    const newest = (await api<Page<Row>>(ann, 'GET', `${path}?page=11&page_size=100`)).body.data
    const newer = expectError(await api(bob, 'POST', path, { content: 'x', base_reply_id: newest.at(-2)!.id }), 409, 'thread_changed')
      .data as unknown as { replies: Row[] }
    expect(newer.replies).toEqual(newest.slice(-1))
  })
})

test.each([
  ['canned responses', 20_000, 'canned-responses'],
  ['replies', 50_000, 'replies'],
  ['events of long replies', 50_000, 'audit']
])('%s are cut at the maximum size of a list and set x-truncated', async (_, length, list) => {
  const team = await newTeam()
  const sql = database()
  const texts = Math.ceil(maxListBytes / length) + 20
  if (list === 'canned-responses')
    await sql`insert into canned_responses (team_id, title, content, created_by) select ${team.id}, 'Text ' || n, repeat('x', ${length}), ${ann.id} from generate_series(1, ${texts}::int) as n`
  else {
    await sql.begin(async sql => {
      await sql`select set_config('switchboard.channel', 'import', true)`
      await sql`insert into ticket_replies (team_id, ticket_id, user_id, content) select ${team.id}, ${team.tickets.anns}, ${bob.id}, repeat('x', ${length}) from generate_series(1, ${texts}::int)`
    })
  }
  const path = `/teams/${team.id}/${list === 'replies' ? `tickets/${team.tickets.anns}/replies` : list}`
  const { body, headers } = await api<Row[]>(ann, 'GET', path)
  expect(headers.get('x-truncated')).toBe('true')
  expect(JSON.stringify(body).length).toBeLessThan(maxListBytes + 10_000)
  expect(JSON.stringify(body).length).toBeGreaterThan(maxListBytes - 2 * length)
  expect((await api<Page<Row>>(ann, 'GET', `${path}?page=1&page_size=1`)).body.total).toBeGreaterThan(body.length)
})

import { describe, expect, test } from 'vitest'
import type { TicketEvent } from '#shared/schemas/event'
import type { Article, ArticleTicket, CitedArticle, TicketDetail } from '#shared/types/api'
import { api, database, expectError, newTeam, readTeamRows } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, ann, bob, unknownId, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('citations')

const ticketPath = (team: TeamWorld) => `/teams/${team.id}/tickets/${team.tickets.anns}`
const citedIn = async (team: TeamWorld, by = vera) => (await api<TicketDetail>(by, 'GET', ticketPath(team))).body.articles
const reply = (team: TeamWorld, body: Record<string, unknown>, by = bob) => api(by, 'POST', `${ticketPath(team)}/replies`, body)
const slugOf = async (team: TeamWorld) => (await database()<{ slug: string }[]>`select slug from teams where id = ${team.id}`)[0]!.slug
const newArticle = async (team: TeamWorld, audience: string, title: string) => {
  const { body } = await api<Article>(ann, 'POST', `/teams/${team.id}/articles`, { title, content: 'Text', audience })
  const path = `/teams/${team.id}/articles/${body.id}`
  expect((await api(ann, 'PUT', `${path}/publications/en`, { version: 1 })).status).toBe(200)
  return { id: body.id, path }
}

describe('citations', () => {
  test('an article is cited once, stands in the ticket and its history, and can be removed', async () => {
    const team = await newTeam()
    const path = `${ticketPath(team)}/articles/${team.articles.printer}`
    const { body: cited } = await api<CitedArticle>(vera, 'PUT', path)
    expect(cited).toEqual({
      article_id: team.articles.printer,
      title: 'Restart the printer',
      slug: 'restart-the-printer',
      audience: 'public',
      is_published: true,
      kind: 'cited',
      cited_at: cited.cited_at,
      cited_by: { id: vera.id, full_name: vera.name }
    })
    expect((await api<CitedArticle>(bob, 'PUT', path)).body).toEqual(cited)
    expect(await citedIn(team)).toEqual([cited])
    expect((await api<ArticleTicket[]>(vera, 'GET', `/teams/${team.id}/articles/${team.articles.printer}/tickets`)).body).toMatchObject([
      { ticket_id: team.tickets.anns, subject: 'Dark mode please', kind: 'cited', is_before_change: false },
      { ticket_id: team.tickets.bobs }
    ])
    expect((await api(bob, 'DELETE', path)).status).toBe(204)
    expectError(await api(bob, 'DELETE', path), 404)
    const { body: events } = await api<TicketEvent[]>(bob, 'GET', `${ticketPath(team)}/audit`)
    const to = { id: team.articles.printer, title: 'Restart the printer', kind: 'cited' }
    expect(events.slice(0, 2).map(({ type, actor, from, to }) => [type, actor?.id, from, to])).toEqual([
      ['ticket.article_removed', bob.id, to, null],
      ['ticket.article_cited', vera.id, null, to]
    ])
  })

  test('a viewer removes only what they cited themselves', async () => {
    const team = await newTeam()
    const path = (article: string) => `${ticketPath(team)}/articles/${article}`
    await api(bob, 'PUT', path(team.articles.printer))
    expectError(await api(vera, 'DELETE', path(team.articles.printer)), 403, 'forbidden')
    const own = await newArticle(team, 'internal', 'Keys')
    await api(vera, 'PUT', path(own.id))
    expect((await api(vera, 'DELETE', path(own.id))).status).toBe(204)
  })

  test('unknown, foreign and hidden articles and tickets are refused and leave nothing behind', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    for (const article of [unknownId, acme.articles.printer])
      expectError(await api(bob, 'PUT', `${ticketPath(team)}/articles/${article}`), 404)
    expectError(await api(vera, 'PUT', `${ticketPath(team)}/articles/${team.articles.bobs}`), 404)
    for (const ticket of [unknownId, acme.tickets.bobs])
      expectError(await api(bob, 'PUT', `/teams/${team.id}/tickets/${ticket}/articles/${team.articles.printer}`), 404)
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('a draft that is cited is shown to those who may read it, and its title is not in the history', async () => {
    const team = await newTeam()
    await api(bob, 'PUT', `${ticketPath(team)}/articles/${team.articles.bobs}`)
    expect(await citedIn(team, vera)).toEqual([])
    expect(await citedIn(team, bob)).toMatchObject([{ title: 'Reset a password', slug: null, is_published: false }])
    const { body: events } = await api<TicketEvent[]>(vera, 'GET', `${ticketPath(team)}/audit`)
    expect(events[0]).toMatchObject({ type: 'ticket.article_cited', to: { id: team.articles.bobs, title: null } })
  })

  test('a ticket cites at most 50 articles', async () => {
    const team = await newTeam()
    await database()`
      with made as (insert into articles (team_id, is_published) select ${team.id}, true from generate_series(1, 50) returning id)
      insert into ticket_articles (team_id, ticket_id, article_id) select ${team.id}, ${team.tickets.anns}, id from made`
    expectError(await api(bob, 'PUT', `${ticketPath(team)}/articles/${team.articles.printer}`), 422, 'citation_limit')
  })

  test('deleting an article leads its tickets to the replacement, and otherwise removes the citation', async () => {
    const team = await newTeam()
    const [one, other, last] = [
      await newArticle(team, 'public', 'One'),
      await newArticle(team, 'public', 'Other'),
      await newArticle(team, 'public', 'Last')
    ]
    for (const { id } of [one, other]) await api(bob, 'PUT', `${ticketPath(team)}/articles/${id}`)
    expect((await api(ann, 'DELETE', `${one.path}?replacement_id=${other.id}`)).status).toBe(204)
    expect((await citedIn(team)).map(({ title }) => title)).toEqual(['Other'])
    expect((await api(ann, 'DELETE', `${other.path}?replacement_id=${last.id}`)).status).toBe(204)
    expect((await citedIn(team)).map(({ title }) => title)).toEqual(['Last'])
    expect((await api(ann, 'DELETE', `${last.path}?final=true`)).status).toBe(204)
    expect(await citedIn(team)).toEqual([])
    expect((await api(ann, 'DELETE', ticketPath(team))).status).toBe(204)
  })

  test('after a publication, tickets that cited the former text within 30 days are listed', async () => {
    const team = await newTeam()
    const { id, path } = await newArticle(team, 'public', 'Hours')
    const sql = database()
    await sql`update article_translations set first_published_at = now() - interval '90 days', published_at = now() - interval '90 days' where article_id = ${id}`
    const cite = (ticket: string, days: number) =>
      sql`insert into ticket_articles (team_id, ticket_id, article_id, cited_by, created_at)
        values (${team.id}, ${ticket}, ${id}, ${bob.id}, now() - ${days}::int * interval '1 day')`
    await cite(team.tickets.bobs, 3)
    await cite(team.tickets.unassigned, 40)
    await cite(team.tickets.closed, 100)
    const before = () => api<ArticleTicket[]>(vera, 'GET', `${path}/tickets?before_change=true`)
    expect((await before()).body).toEqual([])
    await api(ann, 'PUT', `${path}/drafts/en`, { title: 'Hours', content: 'New', version: 1 })
    await api(ann, 'PUT', `${path}/publications/en`, { version: 2 })
    await cite(team.tickets.anns, 0)
    await sql`update ticket_articles set created_at = now() where ticket_id = ${team.tickets.anns}`
    expect((await before()).body.map(({ ticket_id }) => ticket_id)).toEqual([team.tickets.bobs])
    const { body: all } = await api<ArticleTicket[]>(vera, 'GET', `${path}/tickets`)
    expect(all.map(row => [row.ticket_id, row.is_before_change])).toEqual([
      [team.tickets.anns, false],
      [team.tickets.bobs, true],
      [team.tickets.unassigned, false],
      [team.tickets.closed, false]
    ])
  })
})

describe('a reply', () => {
  test('cites the articles that it links to, on whatever host, and those whose text it contains', async () => {
    const team = await newTeam()
    const slug = await slugOf(team)
    const [text, linked] = [await newArticle(team, 'clients', 'Invoices'), await newArticle(team, 'internal', 'Keys')]
    const content = `See [this](https://x.test/help/${slug}/articles/restart-the-printer), not /help/${slug}/articles/keys-and-more.`
    expect((await reply(team, { content, article_ids: [text.id] })).status).toBe(201)
    expect((await citedIn(team)).map(({ title, kind }) => [title, kind]).sort()).toEqual([
      ['Invoices', 'text'],
      ['Restart the printer', 'link']
    ])
    await reply(team, { content: `/help/other-team/articles/keys /help/${slug}/articles/keys`, is_internal: true })
    expect((await citedIn(team)).map(({ article_id }) => article_id)).toContain(linked.id)
  })

  test('must not bring the text of an internal article to clients', async () => {
    const team = await newTeam()
    const { id } = await newArticle(team, 'internal', 'Keys')
    const before = await readTeamRows(team.id)
    expectError(await reply(team, { content: 'Text', article_ids: [id] }), 422, 'article_internal')
    expectError(await reply(team, { content: 'Text', article_ids: [acme.articles.printer] }), 404)
    expect(await readTeamRows(team.id)).toBe(before)
    expect((await reply(team, { content: 'Text', is_internal: true, article_ids: [id] })).status).toBe(201)
    expect(await citedIn(team)).toMatchObject([{ article_id: id, kind: 'text', audience: 'internal' }])
  })
})

describe('an article that is drafted from a ticket', () => {
  const draft = (team: TeamWorld, ticket: string, by = bob) => api<Article>(by, 'POST', `/teams/${team.id}/tickets/${ticket}/article-draft`)

  test('has the subject and the longest public reply of an agent, without the people, and the ticket cites it', async () => {
    const team = await newTeam()
    const { id: team_id } = team
    const { body: ticket } = await api<{ id: string }>(bob, 'POST', `/teams/${team_id}/tickets`, {
      subject: 'Re: Mona cannot print',
      description: 'Help',
      requester_name: 'Mona Minor',
      requester_email: 'mona@minor.test'
    })
    const path = `/teams/${team_id}/tickets/${ticket.id}`
    await api(bob, 'POST', `${path}/participants`, { contact_id: team.contacts.carla })
    const answer =
      'Hi Mona,\n\nhold the *power* button, Carla can help. Else call +49 30 1234567 or see https://x.test/t/4711?k=1.\n\nBest regards\nBob'
    await api(bob, 'POST', `${path}/replies`, { content: answer, format: 'markdown' })
    await api(bob, 'POST', `${path}/replies`, { content: `${'A note that is longer than the answer. '.repeat(9)}`, is_internal: true })
    await api(bob, 'POST', `${path}/replies`, { content: `Short.\n\n${'> quoted text\n'.repeat(40)}`, format: 'markdown' })
    expectError(await draft(team, ticket.id), 409, 'not_resolved')
    await api(bob, 'PATCH', path, { status: 'resolved' })
    await api(bob, 'POST', `${path}/replies`, { content: 'After the resolution: '.repeat(30) })

    const { status, body: article } = await draft(team, ticket.id)
    expect([status, article.audience, article.is_published, article.created_by]).toEqual([201, 'internal', false, bob.id])
    expect(article.translations).toMatchObject([
      {
        locale: 'en',
        published: null,
        draft: {
          title: '[name] cannot print',
          content: 'hold the *power* button, [name] can help. Else call [phone number] or see https://x.test/t/:id.'
        }
      }
    ])
    expect((await api<TicketDetail>(bob, 'GET', path)).body.articles).toMatchObject([{ article_id: article.id, kind: 'draft' }])
    const again = await draft(team, ticket.id)
    expectError(again, 409, 'already_drafted')
    expect(again.body).toMatchObject({ data: { article_id: article.id } })

    // Everybody finds it at the ticket after it is published, and the ticket at the article.
    expect((await api<TicketDetail>(vera, 'GET', path)).body.articles).toEqual([])
    await api(ann, 'PUT', `/teams/${team_id}/articles/${article.id}/publications/en`, { version: 1 })
    expect((await api<TicketDetail>(vera, 'GET', path)).body.articles).toMatchObject([{ slug: 'name-cannot-print', is_published: true }])
    const { body: tickets } = await api<ArticleTicket[]>(vera, 'GET', `/teams/${team_id}/articles/${article.id}/tickets`)
    expect(tickets).toMatchObject([{ ticket_id: ticket.id, kind: 'draft', is_before_change: false }])
  })

  test('needs a public answer of an agent, keeps a plain text as it reads, and is in the language of the requester', async () => {
    const team = await newTeam()
    const sql = database()
    await sql`update tickets set contact_id = ${team.contacts.carla}, status = 'resolved' where id = ${team.tickets.unassigned}`
    await sql`update contacts set locale = 'de' where id = ${team.contacts.carla}`
    const before = await readTeamRows(team.id)
    expectError(await draft(team, team.tickets.unassigned), 422, 'no_answer')
    expectError(await draft(team, acme.tickets.closed), 404)
    expectError(await draft(team, unknownId), 404)
    expect(await readTeamRows(team.id)).toBe(before)
    await sql`
      insert into ticket_replies (team_id, ticket_id, user_id, content, format, created_at)
      values (${team.id}, ${team.tickets.unassigned}, ${bob.id}, '# Two *stars*', 'text', now() - interval '1 hour')`
    await sql`update tickets set resolved_at = now() where id = ${team.tickets.unassigned}`
    const { body } = await draft(team, team.tickets.unassigned)
    expect(body.translations).toMatchObject([{ locale: 'de', draft: { content: '\\# Two \\*stars\\*' } }])
  })
})

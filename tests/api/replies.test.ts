import { describe, expect, test } from 'vitest'
import type { Page, PostedReply, Reply, Ticket } from '#shared/types/api'
import { api, readTeamRows, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, dan, initech, unknownId, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('replies')

const path = (team: TeamWorld, ticket = team.tickets.bobs) => `/teams/${team.id}/tickets/${ticket}/replies`
const list = async (team: TeamWorld, ticket?: string) => (await api<Reply[]>(bob, 'GET', path(team, ticket))).body
const reply = (team: TeamWorld, fields: Record<string, unknown>, person = bob, ticket?: string) =>
  api<Reply>(person, 'POST', path(team, ticket), fields)

describe('replies', () => {
  test('replies are listed oldest first with their authors, internal notes included', async () => {
    const team = await newTeam()
    await reply(team, { content: 'The newest' }, vera)
    const rows = await list(team)
    expect(rows).toHaveLength(4)
    expect(rows.map(({ created_at }) => created_at)).toEqual(rows.map(({ created_at }) => created_at).sort())
    expect(rows.at(-1)).toEqual({
      id: expect.any(String) as string,
      team_id: team.id,
      ticket_id: team.tickets.bobs,
      user_id: vera.id,
      content: 'The newest',
      format: 'text',
      is_internal: false,
      created_at: expect.any(String) as string,
      author: { id: vera.id, full_name: vera.name, avatar_url: null },
      contact_id: null,
      author_kind: 'agent',
      author_name: vera.name,
      mentions: [],
      attachments: []
    })
    expect(rows.find(({ id }) => id === team.replies.annsNote)).toMatchObject({ is_internal: true, author_name: ann.name })
  })

  test("a reply is written in the caller's own name and is public by default", async () => {
    const team = await newTeam()
    const { status, body } = await reply(team, { content: '**Hello**\n<script>alert(1)</script>' })
    expect(status).toBe(201)
    expect(body).toMatchObject({ user_id: bob.id, is_internal: false, content: '**Hello**\n<script>alert(1)</script>' })
    expect((await list(team)).at(-1)).toEqual(body)
    for (const forged of [
      { user_id: ann.id },
      { author: { id: ann.id } },
      { created_at: '2020-01-01' },
      { id: unknownId },
      { team_id: initech.id },
      { ticket_id: team.tickets.closed }
    ]) {
      expectError(await reply(team, { content: 'x', ...forged }), 400, 'invalid')
    }
    expect(await list(team)).toHaveLength(4)
  })

  test.each([
    {},
    { content: '' },
    { content: '   \n\t' },
    { content: '\u200b\u2060\ufeff' },
    { content: 'x'.repeat(50_001) },
    { content: 'a\u0000b' },
    { content: 'a\ud800b' },
    { content: 5 },
    { content: null },
    { content: ['x'] },
    { content: 'x', is_internal: 'yes' },
    { content: 'x', is_internal: 1 },
    { content: 'x', is_internal: null },
    { content: 'x', base_reply_id: 'x' },
    { content: 'x', format: 'html' },
    { content: 'x', format: null },
    { content: 'x', format: '' },
    { content: 'x', format: 'Markdown' }
  ])('a reply with %o is refused', async fields => {
    const before = await readTeamRows(acme.id)
    expectError(await reply(acme, fields), 400, 'invalid')
    expect(await readTeamRows(acme.id)).toBe(before)
  })

  test('a reply is plain text unless its format is markdown', async () => {
    const team = await newTeam()
    for (const [fields, format] of [
      [{}, 'text'],
      [{ format: 'text' }, 'text'],
      [{ format: 'markdown' }, 'markdown']
    ] as const) {
      const { body } = await reply(team, { content: '__init__ 2*3*4\r\n\\\\fs01\\_x ', ...fields })
      expect(body).toMatchObject({ content: '__init__ 2*3*4\r\n\\\\fs01\\_x ', format })
      expect((await list(team)).at(-1)).toEqual(body)
    }
  })

  test('a reply mentions the members whom its text names with @, in whatever client it was written', async () => {
    const team = await newTeam()
    const token = (person: { id: string }) => `<@${person.id}>`
    const cases = [
      [`@${bob.name}, please`, `${token(bob)}, please`, [bob]],
      [`@${bob.name.toUpperCase()} and @vera`, `${token(bob)} and ${token(vera)}`, [bob, vera]],
      ['请@Bob看一下', `请${token(bob)}看一下`, [bob]],
      [`${token(bob)} @ann`, `${token(bob)} ${token(ann)}`, [ann, bob]],
      ['bob@acme.test', 'bob@acme.test', []],
      ['> @bob\nquoted', '> @bob\nquoted', []],
      ['@ivan and @everyone', '@ivan and @everyone', []]
    ] as const
    for (const [content, stored, people] of cases) {
      const { status, body } = await reply(team, { content }, adam)
      expect(status, content).toBe(201)
      expect(body.content, content).toBe(stored)
      expect(body.mentions.map(({ id }) => id).sort(), content).toEqual(people.map(({ id }) => id).sort())
      expect((await list(team)).at(-1)).toEqual(body)
    }
    expect((await reply(team, { content: '    @bob', format: 'markdown' }, adam)).body.mentions).toEqual([])
    expect((await reply(team, { content: '`@bob`', format: 'markdown' }, adam)).body.mentions).toEqual([])
    await api(ann, 'DELETE', `/teams/${team.id}/members/${bob.id}`)
    expect((await reply(team, { content: '@bob' }, adam)).body).toMatchObject({ content: '@bob', mentions: [] })
  })

  test('a name that several members have mentions nobody, and the answer lists the candidates', async () => {
    const team = await newTeam()
    const before = await readTeamRows(acme.id)
    await database()`update public.profiles set full_name = 'Bob Vale' where id = ${vera.id}`
    try {
      const { body } = await reply(team, { content: '@bob and @Bob Vale' }, adam)
      expect(body).toMatchObject({ content: `@bob and <@${vera.id}>`, mentions: [{ id: vera.id }] })
      expect((body as PostedReply).ambiguous).toEqual([
        {
          text: '@bob',
          candidates: [
            { id: bob.id, full_name: bob.name },
            { id: vera.id, full_name: 'Bob Vale' }
          ].sort((a, b) => (a.full_name < b.full_name ? -1 : 1))
        }
      ])
    } finally {
      await database()`update public.profiles set full_name = ${vera.name} where id = ${vera.id}`
    }
    expect(await readTeamRows(acme.id)).toBe(before)
  })

  test('a reply with too many mentions is refused and not stored', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    expectError(await reply(team, { content: '@bob '.repeat(10_000) }, adam), 422, 'too_many_mentions')
    expect(await readTeamRows(team.id)).toBe(before)
    expect((await reply(team, { content: '@'.repeat(50_000) }, adam)).status).toBe(201)
  })

  test('a member cannot reply to a closed ticket; an admin can, and the ticket stays closed', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    expectError(await reply(team, { content: 'x' }, bob, team.tickets.closed), 403, 'forbidden')
    expect(await readTeamRows(team.id)).toBe(before)
    expect((await reply(team, { content: 'x' }, adam, team.tickets.closed)).status).toBe(201)
    expect((await api<Ticket>(bob, 'GET', `/teams/${team.id}/tickets/3`)).body.status).toBe('closed')
  })

  test('a reply that is not based on the newest reply answers 409 with the newer replies', async () => {
    const team = await newTeam()
    const [seen] = (await list(team)).slice(-1)
    const first = await reply(team, { content: 'One', base_reply_id: seen!.id })
    expect(first.status).toBe(201)
    const error = expectError(await reply(team, { content: 'Two', base_reply_id: seen!.id }, adam), 409, 'thread_changed')
    expect(error.data.replies).toEqual([first.body])
    expect((await list(team)).map(({ content }) => content)).not.toContain('Two')
    expect((await reply(team, { content: 'Two', base_reply_id: first.body.id }, adam)).status).toBe(201)
    expect((await reply(team, { content: 'Three' }, adam)).status).toBe(201)
  })

  test('a reply with base_reply_id null is accepted only in an empty conversation', async () => {
    const team = await newTeam()
    const { unassigned } = team.tickets
    expect((await reply(team, { content: 'One', base_reply_id: null }, bob, unassigned)).status).toBe(201)
    expectError(await reply(team, { content: 'Two', base_reply_id: null }, bob, unassigned), 409, 'thread_changed')
  })

  test('a reply based on a reply that was deleted since is accepted', async () => {
    const team = await newTeam()
    const { body } = await reply(team, { content: 'One' })
    await api(bob, 'DELETE', `${path(team)}/${body.id}`)
    expect((await reply(team, { content: 'Two', base_reply_id: body.id })).status).toBe(201)
  })

  test("a member can delete their own reply and not another's, and reply_count follows", async () => {
    const team = await newTeam()
    expectError(await api(bob, 'DELETE', `${path(team)}/${team.replies.annsNote}`), 403, 'forbidden')
    expect((await api(bob, 'DELETE', `${path(team)}/${team.replies.bobs}`)).status).toBe(204)
    expectError(await api(bob, 'DELETE', `${path(team)}/${team.replies.bobs}`), 404)
    expect((await api<Ticket>(bob, 'GET', `/teams/${team.id}/tickets/1`)).body.reply_count).toBe(2)
  })

  test('a reply is found only under its own ticket', async () => {
    const team = await newTeam()
    expectError(await api(ann, 'DELETE', `${path(team, team.tickets.closed)}/${team.replies.bobs}`), 404)
    expectError(await api(ann, 'DELETE', `${path(team)}/${initech.replies.dans}`), 404)
    expectError(await api(ann, 'POST', path(team, unknownId), { content: 'x' }), 404)
    expect(await list(team)).toHaveLength(3)
  })

  test('only tokens of members of the team are mentions, whatever else the text contains', async () => {
    const team = await newTeam()
    const content = `<@${vera.id}> and <@${ann.id}>: <@${dan.id}>, <@${unknownId}>, @everyone, @__proto__, @<img src=x onerror=alert(1)>`
    const { status, body } = await reply(team, { content, is_internal: true })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      content,
      mentions: [
        { id: ann.id, full_name: ann.name },
        { id: vera.id, full_name: vera.name }
      ]
    })
    expect((await list(team)).at(-1)).toEqual(body)
    expectError(await reply(team, { content: 'x', mentions: [{ id: ann.id }] }), 400, 'invalid')
    await api(ann, 'DELETE', `/teams/${team.id}/members/${vera.id}`)
    expect((await list(team)).at(-1)).toEqual(body)
    expect((await reply(team, { content })).body.mentions).toEqual([{ id: ann.id, full_name: ann.name }])
  })

  test('a reply cannot be edited: PATCH and PUT answer 405', async () => {
    for (const method of ['PATCH', 'PUT']) expectError(await api(ann, method, `${path(acme)}/${acme.replies.bobs}`, { content: 'x' }), 405)
  })

  test('fifty concurrent replies are all stored and counted', async () => {
    const team = await newTeam()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, number) =>
        reply(team, { content: `Reply ${number}`, is_internal: number % 2 === 0 }, [ann, adam, bob, vera][number % 4])
      )
    )
    expect(answers.filter(({ status }) => status !== 201)).toEqual([])
    expect(await list(team)).toHaveLength(53)
    expect((await api<Ticket>(bob, 'GET', `/teams/${team.id}/tickets/1`)).body.reply_count).toBe(53)
  })
})

describe('a ticket with include=replies', () => {
  test('a ticket with include=replies is found by id and by number, internal notes included', async () => {
    const team = await newTeam()
    const replies = (await api<Reply[]>(bob, 'GET', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`)).body
    expect(replies.length).toBeGreaterThan(1)
    for (const key of [team.tickets.bobs, '1']) {
      const {
        body: { replies: included, ...ticket }
      } = await api<Ticket & { replies: Reply[] }>(vera, 'GET', `/teams/${team.id}/tickets/${key}?include=replies`)
      expect(included).toEqual(replies)
      expect(ticket).toEqual((await api<Ticket>(vera, 'GET', `/teams/${team.id}/tickets/${key}`)).body)
    }
    const other = await newTeam()
    expectError(await api(bob, 'GET', `/teams/${other.id}/tickets/${team.tickets.bobs}?include=replies`), 404, 'not_found')
    for (const query of ['include=x', 'include=', 'include=replies&include=x', 'x=1'])
      expectError(await api(bob, 'GET', `/teams/${team.id}/tickets/1?${query}`), 400, 'invalid')
  })

  test('replies can be listed in numbered pages', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`
    const all = (await api<Reply[]>(bob, 'GET', path)).body
    const pages = await Promise.all(
      [1, 2, 3].map(async page => (await api<Page<Reply>>(bob, 'GET', `${path}?page=${page}&page_size=2`)).body)
    )
    expect(pages.flatMap(({ data }) => data)).toEqual(all)
    expect(pages[0]).toMatchObject({ total: all.length, page: 1, page_size: 2 })
  })
})

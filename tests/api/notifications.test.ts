import { createClient } from '@supabase/supabase-js'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { CursorPage, Followers, Notification, Profile, Reply, Ticket } from '#shared/types/api'
import { api, database, expectError, newTeam, signIn } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, dan, initech, ivan, unknownId, vera, type Person, type TeamWorld } from '../support/world.ts'

describeRouteRights('notifications')

const path = (team: { id: string }) => `/teams/${team.id}/notifications`
const list = async (team: { id: string }, person: Person, query = '') =>
  (await api<Notification[]>(person, 'GET', `${path(team)}${query}`)).body
const unread = async (team: { id: string }, person: Person) =>
  (await api<{ unread: number }>(person, 'GET', `${path(team)}/count`)).body.unread
const read = async (team: { id: string }, person: Person, which: object) =>
  (await api<{ updated: number }>(person, 'POST', `${path(team)}/read`, which)).body.updated
const change = (team: TeamWorld, person: Person, ticketId: string, changes: object) =>
  api<Ticket>(person, 'PATCH', `/teams/${team.id}/tickets/${ticketId}`, changes)
const reply = (team: TeamWorld, person: Person, ticketId: string, content: string, isInternal = false) =>
  api<Reply>(person, 'POST', `/teams/${team.id}/tickets/${ticketId}/replies`, { content, is_internal: isInternal })
const requestFollowers = (team: TeamWorld, person: Person, method: string, ticketId: string) =>
  api<Followers>(person, method, `/teams/${team.id}/tickets/${ticketId}/watch`)

/** Waits until all events of the team are dispatched. */
async function waitForNotices(team: { id: string }): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(await database()`select from private.event_outbox where team_id = ${team.id}`).toHaveLength(0)
    },
    { timeout: 10_000, interval: 20 }
  )
}

/** Joins a private channel as `person`'s browser does and returns the status of the subscription. */
async function join(person: Person, topic: string, onChange: (payload: unknown) => void = () => {}): Promise<string> {
  const { supabaseUrl, publishableKey } = product()
  const client = createClient(supabaseUrl, publishableKey, { auth: { persistSession: false, autoRefreshToken: false } })
  onTestFinished(() => client.realtime.disconnect().then(() => {}))
  await client.realtime.setAuth(await signIn(person))
  return new Promise(resolve => {
    client
      .channel(topic, { config: { private: true } })
      .on('broadcast', { event: 'change' }, ({ payload }) => onChange(payload))
      .subscribe(status => resolve(status))
  })
}

const topicOf = async (person: Person) => (await api<Profile>(person, 'GET', '/profile')).body.realtime_topic

describe("a person's realtime channel", () => {
  test("a person's channel announces their notifications of every team within a second, by ids only", async () => {
    const [team, other] = [await newTeam(), await newTeam()]
    const messages: { at: number; record: { team_id: string } }[] = []
    expect(
      await join(bob, await topicOf(bob), payload =>
        messages.push({ ...(payload as { record: { team_id: string } }), at: performance.now() })
      )
    ).toBe('SUBSCRIBED')
    for (const { id, tickets } of [team, other]) {
      const before = messages.length
      await api(ann, 'PATCH', `/teams/${id}/tickets/${tickets.unassigned}`, { assigned_to: bob.id })
      const answered = performance.now()
      await vi.waitFor(() => expect(messages.length).toBe(before + 1), { timeout: 5_000, interval: 5 })
      expect(messages.at(-1)).toMatchObject({
        table: 'notifications',
        operation: 'INSERT',
        record: { team_id: id, id: expect.any(String) as string }
      })
      expect(messages.at(-1)!.at - answered).toBeLessThan(1_000)
      expect(JSON.stringify(messages.at(-1))).not.toContain('Invoice')
    }
  })

  test("a person's channel cannot be joined by anybody else", async () => {
    for (const person of [ann, vera, dan]) expect(await join(person, await topicOf(bob)), person.name).toBe('CHANNEL_ERROR')
  })
})

describe('notifications', () => {
  test('a notification names its kind, its actor and the ticket as it is now', async () => {
    const team = await newTeam()
    await change(team, ann, team.tickets.unassigned, { assigned_to: bob.id })
    await waitForNotices(team)
    await change(team, adam, team.tickets.unassigned, { subject: 'Renamed' })
    expect(await list(team, bob)).toEqual([
      {
        id: expect.any(String) as string,
        kind: 'assigned',
        ticket: { id: team.tickets.unassigned, number: 2, subject: 'Renamed', status: 'open' },
        actor: { id: ann.id, full_name: ann.name, avatar_url: null },
        reply: null,
        text: null,
        read_at: null,
        created_at: expect.stringMatching(/Z$/) as string
      }
    ])
    for (const person of [ann, adam, vera]) expect(await list(team, person)).toEqual([])
  })

  test('a notification shows the beginning of a reply as text with names', async () => {
    const team = await newTeam()
    const note = (await reply(team, adam, team.tickets.bobs, `Ask <@${bob.id}>,\n\nor ${'x'.repeat(300)}`, true)).body
    await waitForNotices(team)
    expect(await list(team, bob)).toMatchObject([
      { kind: 'mentioned', reply: { id: note.id, is_internal: true, excerpt: `Ask @Bob Byrd, or ${'x'.repeat(182)}` } }
    ])
    expect(await list(team, ann)).toMatchObject([{ kind: 'replied', reply: { id: note.id } }])
    await reply(team, adam, team.tickets.bobs, `${'y'.repeat(980)} <@${bob.id}>`)
    await reply(team, adam, team.tickets.bobs, `<@${bob.id}> `.repeat(60))
    await waitForNotices(team)
    for (const { reply } of await list(team, bob)) expect(reply!.excerpt).not.toContain('<@')
  })

  test('a note notifies exactly the members whom it mentions', async () => {
    const team = await newTeam()
    const content = `<@${ann.id}>, <@${vera.id}> and not Adam, nor <@${bob.id}>, <@${ivan.id}>, @everyone`
    const note = (await reply(team, bob, team.tickets.unassigned, content, true)).body
    await waitForNotices(team)
    const excerpt = `@${ann.name}, @${vera.name} and not Adam, nor @${bob.name}, @former member, @everyone`
    for (const person of [ann, vera])
      expect(await list(team, person)).toMatchObject([{ kind: 'mentioned', reply: { id: note.id, excerpt } }])
    for (const person of [bob, adam]) expect(await list(team, person)).toEqual([])
  })

  test('owners and admins are notified of a webhook that was switched off, with the reason', async () => {
    const team = await newTeam()
    await database()`select private.record_event(${team.id}, null, null, 'webhook.disabled', null, ${database().json({ id: unknownId, name: 'CRM', reason: 'it kept failing' })})`
    await waitForNotices(team)
    for (const person of [ann, adam])
      expect(await list(team, person)).toMatchObject([
        { kind: 'webhook', ticket: null, reply: null, actor: null, text: 'Webhook "CRM" was switched off: it kept failing' }
      ])
    for (const person of [bob, vera]) expect(await list(team, person)).toEqual([])
  })

  test('the end of a snooze notifies the assignee, or the person who snoozed the ticket if it is unassigned', async () => {
    const team = await newTeam()
    const { unassigned, bobs } = team.tickets
    const soon = () => new Date(Date.now() + 1_000).toISOString()
    await change(team, adam, unassigned, { snoozed_until: soon() })
    await change(team, ann, bobs, { snoozed_until: soon() })
    for (const [person, ticket] of [
      [adam, unassigned],
      [bob, bobs]
    ] as const) {
      await vi.waitFor(
        async () =>
          expect(await list(team, person)).toMatchObject([
            { kind: 'woken', ticket: { id: ticket, status: 'open' }, actor: null, reply: null, text: null, read_at: null }
          ]),
        { timeout: 10_000, interval: 50 }
      )
    }
    await waitForNotices(team)
    for (const person of [ann, vera]) expect(await list(team, person)).toEqual([])
    for (const person of [adam, bob]) expect(await unread(team, person)).toBe(1)
  })

  test('notifications are listed newest first, and paging by cursor returns each one once', async () => {
    const team = await newTeam()
    for (let number = 1; number <= 5; number++) await reply(team, ann, team.tickets.bobs, `Number ${number}`)
    await waitForNotices(team)
    const all = await list(team, bob)
    expect(all.map(({ reply }) => reply!.excerpt)).toEqual([5, 4, 3, 2, 1].map(number => `Number ${number}`))
    const walked: Notification[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: { body: CursorPage<Notification> } = await api<CursorPage<Notification>>(
        bob,
        'GET',
        `${path(team)}?page_size=2&cursor=${cursor}`
      )
      expect(body.data.length).toBeLessThanOrEqual(2)
      walked.push(...body.data)
      cursor = body.next_cursor
    }
    expect(walked).toEqual(all)
  })

  test.each([
    'type=ticket.created',
    'page=0',
    'page=1&cursor=',
    'page_size=2',
    'page_size=101&cursor=',
    'cursor=x',
    'unread=yes',
    'nonsense=1'
  ])('the list of notifications refuses the query %s', async query => {
    expectError(await api(bob, 'GET', `${path(acme)}?${query}`), 400, 'invalid')
  })

  test('notifications are marked as read by id, by ticket or all, and the count follows', async () => {
    const team = await newTeam()
    await reply(team, ann, team.tickets.bobs, 'One')
    await reply(team, ann, team.tickets.bobs, 'Two')
    await reply(team, ann, team.tickets.unassigned, 'Three')
    await change(team, ann, team.tickets.unassigned, { status: 'resolved' })
    await change(team, ann, team.tickets.anns, { assigned_to: bob.id })
    await waitForNotices(team)
    expect(await unread(team, bob)).toBe(5)
    const [assigned] = await list(team, bob)
    expect(await read(team, bob, { ids: [assigned!.id] })).toBe(1)
    expect(await read(team, bob, { ids: [assigned!.id] })).toBe(0)
    expect((await list(team, bob))[0]).toMatchObject({ id: assigned!.id, read_at: expect.any(String) as string })
    expect(await read(team, bob, { ticket_id: team.tickets.bobs })).toBe(2)
    expect(await unread(team, bob)).toBe(2)
    expect((await list(team, bob, '?unread=true')).map(({ kind }) => kind)).toEqual(['resolved', 'replied'])
    expect(await read(team, bob, {})).toBe(2)
    expect(await unread(team, bob)).toBe(0)
    expect(await list(team, bob)).toHaveLength(5)
  })

  test("nobody can mark another person's notification as read", async () => {
    const team = await newTeam()
    await reply(team, ann, team.tickets.bobs, 'For Bob')
    await waitForNotices(team)
    const [bobs] = await list(team, bob)
    for (const person of [ann, adam, vera]) expect(await read(team, person, { ids: [bobs!.id] })).toBe(0)
    expect(await read(initech, dan, { ids: [bobs!.id] })).toBe(0)
    expectError(await api(dan, 'POST', `${path(team)}/read`, { ids: [bobs!.id] }), 404, 'not_found')
    expect(await unread(team, bob)).toBe(1)
  })

  test('a changed preference applies to later notifications', async () => {
    const team = await newTeam()
    const prefer = (inApp: boolean) =>
      api(bob, 'PUT', `/teams/${team.id}/notification-preferences`, { preferences: [{ kind: 'replied', in_app: inApp, mail: false }] })
    await prefer(false)
    await reply(team, ann, team.tickets.bobs, 'While off')
    await waitForNotices(team)
    expect(await unread(team, bob)).toBe(0)
    await prefer(true)
    await reply(team, ann, team.tickets.bobs, 'While on')
    await waitForNotices(team)
    expect((await list(team, bob)).map(({ reply }) => reply!.excerpt)).toEqual(['While on'])
  })

  test("a removed member's notifications are deleted and do not return with a new membership", async () => {
    const team = await newTeam()
    await reply(team, ann, team.tickets.bobs, 'Before')
    await waitForNotices(team)
    expect(await unread(team, bob)).toBe(1)
    await api(ann, 'DELETE', `/teams/${team.id}/members/${bob.id}`)
    expectError(await api(bob, 'GET', path(team)), 404, 'not_found')
    await reply(team, adam, team.tickets.unassigned, 'Bob created this one')
    await waitForNotices(team)
    expect(await database()`select from notifications where team_id = ${team.id} and user_id = ${bob.id}`).toHaveLength(0)
    await database()`insert into team_members (team_id, user_id, role) values (${team.id}, ${bob.id}, 'member')`
    expect(await list(team, bob)).toEqual([])
  })

  test('deleting a reply or a ticket deletes its notifications', async () => {
    const team = await newTeam()
    const {
      body: { id }
    } = await reply(team, ann, team.tickets.bobs, 'Taken back')
    await reply(team, ann, team.tickets.bobs, 'Stays')
    await waitForNotices(team)
    await api(ann, 'DELETE', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies/${id}`)
    expect((await list(team, bob)).map(({ reply }) => reply!.excerpt)).toEqual(['Stays'])
    await api(ann, 'DELETE', `/teams/${team.id}/tickets/${team.tickets.bobs}`)
    expect(await unread(team, bob)).toBe(0)
  })

  test('a bulk operation on 501 tickets sends one notification per ticket within 20 seconds', async () => {
    const team = await newTeam()
    await database()`
      with quiet as (select set_config('switchboard.channel', 'import', true))
      insert into tickets (team_id, subject, description, created_by) select ${team.id}, 'Ticket ' || n, 'x', ${ann.id} from generate_series(1, 500) as n, quiet`
    await api(ann, 'POST', `/teams/${team.id}/tickets/bulk`, {
      filter: { assigned_to: 'none', status: 'open' },
      action: 'reassign',
      value: bob.id
    })
    await vi.waitFor(async () => expect(await unread(team, bob)).toBe(501), { timeout: 20_000, interval: 100 })
  })

  test.each([
    'cursor=x',
    'cursor=-1',
    `cursor=${'9'.repeat(16)}`,
    'unread=yes',
    'unread=1',
    'page_size=0',
    'page_size=101',
    'page=0',
    'page=1&cursor=',
    'kind=assigned',
    'cursor=1&cursor=2',
    `user_id=${ann.id}`
  ])('GET notifications refuses the query %s', async query => {
    expectError(await api(bob, 'GET', `${path(acme)}?${query}`), 400, 'invalid')
  })
})

describe('following a ticket', () => {
  test('a follower is notified of replies until they unfollow, and every member sees the followers', async () => {
    const team = await newTeam()
    const ticket = team.tickets.anns
    expect((await requestFollowers(team, vera, 'GET', ticket)).body).toEqual({ watching: false, watchers: [] })
    const person = { id: vera.id, full_name: vera.name, avatar_url: null }
    for (let times = 0; times < 2; times++)
      expect((await requestFollowers(team, vera, 'PUT', ticket)).body).toEqual({ watching: true, watchers: [person] })
    expect((await requestFollowers(team, adam, 'GET', ticket)).body).toEqual({ watching: false, watchers: [person] })
    await reply(team, adam, ticket, 'News')
    await waitForNotices(team)
    expect(await list(team, vera)).toMatchObject([{ kind: 'replied', reply: { excerpt: 'News' } }])
    for (let times = 0; times < 2; times++)
      expect((await requestFollowers(team, vera, 'DELETE', ticket)).body).toEqual({ watching: false, watchers: [] })
    await reply(team, adam, ticket, 'More news')
    await waitForNotices(team)
    expect(await unread(team, vera)).toBe(1)
  })

  test('following a ticket ends with the membership in its team', async () => {
    const team = await newTeam()
    await requestFollowers(team, vera, 'PUT', team.tickets.bobs)
    await api(vera, 'DELETE', `/teams/${team.id}/members/me`)
    expect((await requestFollowers(team, bob, 'GET', team.tickets.bobs)).body.watchers).toEqual([])
  })

  test("another team's ticket cannot be followed and answers 404, as an unknown ticket does", async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answers = await Promise.all(
        [initech.tickets.dans, unknownId].map(id => api(ann, method, `/teams/${acme.id}/tickets/${id}/watch`))
      )
      expectError(answers[0]!, 404, 'not_found')
      expect(answers[0]!.body).toEqual(answers[1]!.body)
    }
  })
})

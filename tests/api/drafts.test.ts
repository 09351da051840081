import { describe, expect, test } from 'vitest'
import type { DraftedTicket, Reply, ReplyDraft } from '#shared/types/api'
import { api, readTeamRows, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, initech, ivan, unknownId, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('drafts')

const path = (team: TeamWorld, ticket = team.tickets.bobs) => `/teams/${team.id}/tickets/${ticket}/draft`
const read = async (team: TeamWorld, person = bob, ticket?: string) =>
  (await api<ReplyDraft | null>(person, 'GET', path(team, ticket))).body
const save = (team: TeamWorld, fields: Record<string, unknown>, person = bob, ticket?: string) =>
  api<ReplyDraft>(person, 'PUT', path(team, ticket), fields)
const list = async (team: TeamWorld, person = bob) => (await api<DraftedTicket[]>(person, 'GET', `/teams/${team.id}/drafts`)).body
const reply = (team: TeamWorld, fields: Record<string, unknown>, person = bob) =>
  api<Reply>(person, 'POST', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`, fields)

describe('drafts', () => {
  test('a draft is read back exactly as it was saved', async () => {
    const team = await newTeam()
    const { status, body } = await save(team, { content: '  Half a sentence, ', is_internal: true })
    expect(status).toBe(200)
    expect(body).toEqual({
      ticket_id: team.tickets.bobs,
      content: '  Half a sentence, ',
      is_internal: true,
      version: expect.any(String) as string,
      updated_at: expect.any(String) as string
    })
    expect(await read(team)).toEqual(body)
  })

  test('saving an empty draft deletes it', async () => {
    const team = await newTeam()
    const { version } = (await save(team, { content: 'x' })).body
    expect(await save(team, { content: '', version })).toMatchObject({ status: 204, body: null })
    expect(await api(bob, 'GET', path(team))).toMatchObject({ status: 204, body: null })
    expect((await save(team, { content: '' })).status).toBe(204)
    expect((await save(team, { content: '', version: null })).status).toBe(204)
    expect(await list(team)).toEqual([])
  })

  test('a draft is visible only to its author', async () => {
    const team = await newTeam()
    await save(team, { content: "Bob's" })
    await save(team, { content: "Vera's" }, vera)
    for (const person of [ann, adam]) {
      expect(await read(team, person)).toBeNull()
      expect(await list(team, person)).toEqual([])
    }
    expect((await read(team, bob))?.content).toBe("Bob's")
    expect((await read(team, vera))?.content).toBe("Vera's")
  })

  test('drafts are listed by ticket, the latest first', async () => {
    const team = await newTeam()
    await save(team, { content: 'One' })
    await save(team, { content: 'Two' }, bob, team.tickets.closed)
    const { updated_at } = (await save(team, { content: 'One more' })).body
    expect(await list(team)).toEqual([
      { ticket_id: team.tickets.bobs, ticket_number: 1, updated_at },
      { ticket_id: team.tickets.closed, ticket_number: 3, updated_at: expect.any(String) as string }
    ])
  })

  test('saving with a stale version answers 412 with the current draft and does not overwrite it', async () => {
    const team = await newTeam()
    const desk = (await save(team, { content: 'Begun', version: null })).body
    const phone = (await save(team, { content: 'Begun and finished', version: desk.version })).body
    expect(phone.version).not.toBe(desk.version)
    for (const stale of [
      { content: 'Begun otherwise', version: desk.version },
      { content: 'From nothing', version: null },
      { content: '', version: desk.version },
      { content: '', version: null }
    ]) {
      expect(expectError(await save(team, stale), 412, 'version').data.current).toEqual(phone)
    }
    expect(await read(team)).toEqual(phone)
    expect((await save(team, { content: 'Begun otherwise', version: phone.version })).status).toBe(200)
  })

  test('repeating a save whose answer was lost returns the draft that is stored', async () => {
    const team = await newTeam()
    const first = await save(team, { content: 'Begun', version: null })
    expect(await save(team, { content: 'Begun', version: null })).toMatchObject({ status: 200, body: first.body })
    expectError(await save(team, { content: 'Begun', is_internal: true, version: null }), 412, 'version')
  })

  test('saving with the version of a deleted draft answers 412 and creates no draft', async () => {
    const team = await newTeam()
    const { version } = (await save(team, { content: 'Begun' })).body
    await reply(team, { content: 'Begun' })
    expect(expectError(await save(team, { content: 'Begun', version }), 412, 'version').data.current).toBeNull()
    expect(await read(team)).toBeNull()
    expect((await save(team, { content: 'Another', version: null })).status).toBe(200)
  })

  test('saving without a version overwrites the draft', async () => {
    const team = await newTeam()
    await save(team, { content: 'One', is_internal: true })
    await save(team, { content: 'Two' })
    expect(await read(team)).toMatchObject({ content: 'Two', is_internal: false })
  })

  test('of two devices that start a draft at the same time, one gets 412', async () => {
    const team = await newTeam()
    const answers = await Promise.all(['Desk', 'Phone'].map(content => save(team, { content, version: null })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412])
  })

  test("a sent reply deletes its author's draft, and a refused reply keeps it", async () => {
    const team = await newTeam()
    const { version } = (await save(team, { content: 'Hel' })).body
    await save(team, { content: "Vera's" }, vera)
    expectError(await reply(team, { content: 'Hello', base_reply_id: null, draft_version: version }), 409, 'thread_changed')
    expect((await read(team))?.content).toBe('Hel')
    expect((await reply(team, { content: 'Hello', draft_version: version })).status).toBe(201)
    expect(await read(team)).toBeNull()
    expect((await read(team, vera))?.content).toBe("Vera's")
  })

  test('a reply keeps a draft of another version, unless the reply contains its text or names no version', async () => {
    const team = await newTeam()
    const desk = (await save(team, { content: 'Hello' })).body
    await save(team, { content: 'Something else' })
    for (const draft_version of [desk.version, null]) await reply(team, { content: 'Hello there', draft_version })
    expect((await read(team))?.content).toBe('Something else')
    await save(team, { content: 'Hello t' })
    await reply(team, { content: 'Hello there', draft_version: null })
    expect(await read(team)).toBeNull()
    await save(team, { content: 'Something else' })
    await reply(team, { content: 'Hello there' })
    expect(await read(team)).toBeNull()
  })

  test.each([
    {},
    { content: 'x'.repeat(50_001) },
    { content: 'a\u0000b' },
    { content: 'a\ud800b' },
    { content: 5 },
    { content: null },
    { content: 'x', is_internal: 'yes' },
    { content: 'x', is_internal: null },
    { content: 'x', version: 1 },
    { content: 'x', version: 'x' },
    { content: 'x', user_id: ann.id },
    { content: 'x', updated_at: '2020-01-01' }
  ])('saving the draft %o is refused', async fields => {
    const before = await readTeamRows(acme.id)
    expectError(await save(acme, fields), 400, 'invalid')
    expect(await readTeamRows(acme.id)).toBe(before)
  })

  test('a draft of a ticket that the caller cannot see answers 404', async () => {
    const team = await newTeam()
    for (const ticket of [unknownId, initech.tickets.dans]) {
      expectError(await api(bob, 'GET', path(team, ticket)), 404, 'not_found')
      expectError(await save(team, { content: 'x' }, bob, ticket), 404, 'not_found')
    }
    expectError(await save(team, { content: 'x' }, ivan), 404, 'not_found')
  })

  test("a member's drafts are deleted when the member leaves the team", async () => {
    const team = await newTeam()
    await save(team, { content: "Bob's" })
    expect((await api(bob, 'DELETE', `/teams/${team.id}/members/me`)).status).toBe(204)
    expect(await readTeamRows(team.id)).not.toContain("Bob's")
  })
})

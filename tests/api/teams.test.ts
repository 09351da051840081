import { describe, expect, test } from 'vitest'
import type { Team } from '#shared/types/api'
import { api, readTeamRows, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { adam, ann, bob, dan, initech, ivan, vera } from '../support/world.ts'

describeRouteRights('teams')

describe('teams', () => {
  test('a team is listed for each member with their role, and for nobody else', async () => {
    const team = await newTeam('Listed')
    for (const person of [ann, adam, bob, vera]) {
      const { body } = await api<Team[]>(person, 'GET', '/teams')
      expect(body.find(({ id }) => id === team.id)).toMatchObject({
        name: 'Listed',
        role: person.role,
        realtime_topic: `team:${team.id}:1`
      })
    }
    for (const person of [ivan, dan]) expect((await api<Team[]>(person, 'GET', '/teams')).body.map(({ id }) => id)).not.toContain(team.id)
  })

  test('list, GET and PATCH answer the same row of a team', async () => {
    const team = await newTeam()
    const one = (await api<Team>(ann, 'GET', `/teams/${team.id}`)).body
    expect(Object.keys(one).sort()).toEqual([
      'auto_close_days',
      'client_mails',
      'client_priority',
      'created_at',
      'help_locales',
      'id',
      'name',
      'portal_color',
      'portal_shows_due',
      'rating_delay_minutes',
      'realtime_topic',
      'role',
      'slug',
      'time_zone',
      'unscanned_files'
    ])
    expect((await api<Team[]>(ann, 'GET', '/teams')).body).toContainEqual(one)
    expect((await api<Team>(ann, 'PATCH', `/teams/${team.id}`, {})).body).toEqual(one)
  })

  test('the creator of a team owns it, and its slug is derived from the name or chosen', async () => {
    const made = (await api<Team>(dan, 'POST', '/teams', { name: ' Straße & Söhne ' })).body
    expect(made).toMatchObject({ name: 'Straße & Söhne', role: 'owner', time_zone: 'UTC', auto_close_days: 14 })
    expect(made.slug).toMatch(/^strasse-sohne/)
    const slug = `chosen-${Date.now()}`
    expect((await api<Team>(dan, 'POST', '/teams', { name: 'Chosen', slug })).body.slug).toBe(slug)
    const error = expectError(await api(ivan, 'POST', '/teams', { name: 'Mine', slug }), 409, 'slug_taken')
    expect(error.message).toBe('This address is already taken')
  })

  test('a change of the slug to a taken one is refused at the field', async () => {
    const [one, other] = [await newTeam(), await newTeam()]
    const { body } = await api<Team>(ann, 'GET', `/teams/${other.id}`)
    const error = expectError(await api(ann, 'PATCH', `/teams/${one.id}`, { slug: body.slug }), 409, 'slug_taken')
    expect(error.data.issues).toEqual([{ path: 'slug', message: 'This address is already taken' }])
  })

  test.each([
    { time_zone: 'Europe/Berlin' },
    { time_zone: 'UTC' },
    { auto_close_days: 1 },
    { auto_close_days: 365 },
    { client_mails: [] },
    { client_mails: ['ticket_received', 'public_reply'] },
    { portal_color: '#b91c1c' },
    { portal_color: null },
    { client_priority: true },
    { portal_shows_due: true },
    { help_locales: ['de'] },
    { help_locales: ['de', 'en'] },
    { rating_delay_minutes: null },
    { rating_delay_minutes: 1440 },
    { slug: `s${Date.now()}` },
    { name: '🎫' }
  ])('a team takes the change %o', async change => {
    const team = await newTeam()
    expect((await api(adam, 'PATCH', `/teams/${team.id}`, change)).body).toMatchObject(change)
  })

  test.each([
    { time_zone: 'Foo/Bar' },
    { time_zone: '../etc' },
    { time_zone: '+02:00' },
    { time_zone: 'europe/berlin ' },
    { time_zone: 'US/Pacific-New' },
    { time_zone: 'Canada/East-Saskatchewan' },
    { auto_close_days: 0 },
    { auto_close_days: 366 },
    { auto_close_days: 1.5 },
    { auto_close_days: '7' },
    { help_locales: [] },
    { help_locales: ['en', 'en'] },
    { client_mails: 'assigned' },
    { client_mails: ['assigned', 'assigned'] },
    { rating_delay_minutes: 29 },
    { rating_delay_minutes: 1441 },
    { slug: 'Upper' },
    { slug: '-a' },
    { slug: 'a-' },
    { slug: 'a'.repeat(49) },
    { slug: '' },
    { name: '' },
    { name: 'x'.repeat(101) },
    { realtime_epoch: 5 },
    { id: initech.id },
    { created_at: '2020-01-01' }
  ])('a team refuses the change %o', async change => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    const error = expectError(await api(ann, 'PATCH', `/teams/${team.id}`, change), 400, 'invalid')
    expect(error.data.issues!.map(({ path }) => path)).toEqual(Object.keys(change))
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('deleting a team deletes everything in it', async () => {
    const team = await newTeam()
    expect((await api(ann, 'DELETE', `/teams/${team.id}`)).body).toBeNull()
    expect(await readTeamRows(team.id)).toBe('')
    expectError(await api(ann, 'GET', `/teams/${team.id}`), 404)
    expectError(await api(ann, 'DELETE', `/teams/${team.id}`), 404)
  })

  test('twenty teams that are created concurrently under one name get twenty slugs', async () => {
    const name = `Same ${Date.now()}`
    const answers = await Promise.all(Array.from({ length: 20 }, () => api<Team>(dan, 'POST', '/teams', { name })))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201))
    expect(new Set(answers.map(({ body }) => body.slug)).size).toBe(20)
    await database()`delete from public.teams where name = ${name}`
  })
})

import { describe, expect, test } from 'vitest'
import { defaultPreferences } from '#shared/schemas/preferences'
import type { Profile } from '#shared/types/api'
import { api, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { ann, bob, dan, initech, vera } from '../support/world.ts'

describeRouteRights('profile')

describe('a profile', () => {
  test("GET /profile answers the caller's profile with exactly these fields", async () => {
    const { body } = await api<Profile>(bob, 'GET', '/profile')
    expect(body).toEqual({
      id: bob.id,
      email: bob.email,
      full_name: bob.name,
      avatar_url: null,
      last_team_id: null,
      preferences: defaultPreferences,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      realtime_topic: expect.stringMatching(new RegExp(`^user:${bob.id}:\\d+$`)) as string
    })
  })

  test('a profile stores a new name without surrounding spaces', async () => {
    expect((await api<Profile>(dan, 'PATCH', '/profile', { full_name: '  Dan D. Drake ' })).body.full_name).toBe('Dan D. Drake')
    expect((await api<Profile>(dan, 'PATCH', '/profile', { full_name: dan.name })).body.full_name).toBe(dan.name)
  })

  test('a profile stores the last team and clears it', async () => {
    expect((await api<Profile>(dan, 'PATCH', '/profile', { last_team_id: initech.id })).body).toMatchObject({
      last_team_id: initech.id,
      full_name: dan.name
    })
    expect((await api<Profile>(dan, 'PATCH', '/profile', { last_team_id: null })).body.last_team_id).toBeNull()
  })

  test('a profile merges preferences key by key and sorts columns in the order of the list', async () => {
    expect((await api<Profile>(dan, 'PATCH', '/profile', { preferences: { density: 'compact' } })).body.preferences).toEqual({
      ...defaultPreferences,
      density: 'compact'
    })
    expect(
      (await api<Profile>(dan, 'PATCH', '/profile', { preferences: { columns: ['status', 'category', 'status'], shortcuts: false } })).body
        .preferences
    ).toEqual({ density: 'compact', columns: ['category', 'status'], shortcuts: false })
    expect((await api<Profile>(dan, 'PATCH', '/profile', { preferences: {} })).body.preferences.density).toBe('compact')
    for (const preferences of [{ density: 'huge' }, { columns: ['secret'] }, { shortcuts: 'yes' }, { other: 1 }, [], 'x', null]) {
      expectError(await api(dan, 'PATCH', '/profile', { preferences }), 400, 'invalid')
    }
    expect((await api<Profile>(dan, 'PATCH', '/profile', { preferences: defaultPreferences })).body.preferences).toEqual(defaultPreferences)
  })

  test.each(['id', 'email', 'avatar_url', 'role', 'password', 'app_metadata', 'created_at'])(
    'a profile refuses a change of %s',
    async field => {
      const before = (await api<Profile>(bob, 'GET', '/profile')).body
      const error = expectError(await api(bob, 'PATCH', '/profile', { full_name: 'Other', [field]: 'x' }), 400, 'invalid')
      expect(error.data.issues).toContainEqual({ path: field, message: 'Unknown field' })
      expect((await api<Profile>(bob, 'GET', '/profile')).body).toEqual(before)
    }
  )

  test('a changed name is in the list of members immediately', async () => {
    const team = await newTeam()
    await api(vera, 'PATCH', '/profile', { full_name: 'Vera Renamed' })
    const { body } = await api<{ id: string; full_name: string }[]>(ann, 'GET', `/teams/${team.id}/members`)
    expect(body.find(({ id }) => id === vera.id)?.full_name).toBe('Vera Renamed')
    await api(vera, 'PATCH', '/profile', { full_name: vera.name })
  })
})

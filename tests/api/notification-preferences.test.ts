import { describe, expect, test } from 'vitest'
import type { NotificationPreferences } from '#shared/types/api'
import { api, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { ann, bob, vera, type Person } from '../support/world.ts'

describeRouteRights('notification-preferences')

const path = (team: { id: string }) => `/teams/${team.id}/notification-preferences`
const preferences = async (team: { id: string }, person: Person) => (await api<NotificationPreferences>(person, 'GET', path(team))).body
const everything = (kinds: string[]) => kinds.map(kind => ({ kind, in_app: true, mail: true }))

describe('notification preferences', () => {
  test('all notifications are on by default, and only people who manage webhooks have the kind webhook', async () => {
    const team = await newTeam()
    expect(await preferences(team, bob)).toEqual({
      is_mail_configured: true,
      preferences: everything(['assigned', 'mentioned', 'replied', 'resolved', 'woken', 'sla'])
    })
    expect((await preferences(team, ann)).preferences).toEqual(
      everything(['assigned', 'mentioned', 'replied', 'resolved', 'woken', 'sla', 'webhook'])
    )
  })

  test('a change of preferences affects the given kinds only, for this person in this team', async () => {
    const [team, other] = [await newTeam(), await newTeam()]
    const put = (changes: unknown[]) => api<NotificationPreferences>(bob, 'PUT', path(team), { preferences: changes })
    const { status, body } = await put([{ kind: 'replied', in_app: true, mail: false }])
    expect(status).toBe(200)
    expect(body.preferences).toEqual([
      ...everything(['assigned', 'mentioned']),
      { kind: 'replied', in_app: true, mail: false },
      ...everything(['resolved', 'woken', 'sla'])
    ])
    await put([
      { kind: 'assigned', in_app: false, mail: true },
      { kind: 'replied', in_app: false, mail: false }
    ])
    expect((await preferences(team, bob)).preferences).toEqual([
      { kind: 'assigned', in_app: false, mail: true },
      ...everything(['mentioned']),
      { kind: 'replied', in_app: false, mail: false },
      ...everything(['resolved', 'woken', 'sla'])
    ])
    for (const [where, person] of [
      [other, bob],
      [team, vera]
    ] as const)
      expect((await preferences(where, person)).preferences).toEqual(
        everything(['assigned', 'mentioned', 'replied', 'resolved', 'woken', 'sla'])
      )
  })
})

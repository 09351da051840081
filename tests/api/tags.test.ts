import { expect, test } from 'vitest'
import { api, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { ann, bob, dan, vera } from '../support/world.ts'

describeRouteRights('tags')

test('tags are suggested most used first and match the beginning of the tag or of a word in it', async () => {
  const team = await newTeam()
  for (const tags of [['vpn', 'wi-fi'], ['vpn', 'Über-uns'], ['vip', 'vpn'], ['vip']])
    await api(ann, 'POST', `/teams/${team.id}/tickets`, { subject: 'x', description: 'x', tags })
  const suggested = async (query: string) =>
    (await api<{ tag: string; count: number }[]>(vera, 'GET', `/teams/${team.id}/tags${query}`)).body.map(
      ({ tag, count }) => `${tag} ${count}`
    )
  expect((await suggested('')).slice(0, 2)).toEqual(['vpn 4', 'vip 2'])
  expect(await suggested('?q=V')).toEqual(['vpn 4', 'vip 2'])
  expect([
    await suggested('?q=fi'),
    await suggested('?q=uber'),
    await suggested('?q=pn'),
    await suggested('?q=%25'),
    await suggested('?q=_')
  ]).toEqual([['wi-fi 1'], ['über-uns 1'], [], [], []])
  expect(await suggested('?limit=1')).toEqual(['vpn 4'])
  expectError(await api(bob, 'GET', `/teams/${team.id}/tags?limit=0`), 400, 'invalid')
  expectError(await api(bob, 'GET', `/teams/${team.id}/tags?q=${'x'.repeat(51)}`), 400, 'invalid')
})

test('the tags of a team answer 404 to people outside the team', async () => {
  const team = await newTeam()
  expectError(await api(dan, 'GET', `/teams/${team.id}/tags?q=vpn`), 404, 'not_found')
})

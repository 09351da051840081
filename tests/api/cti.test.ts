import { expect, test } from 'vitest'
import type { Category } from '#shared/types/api'
import { api, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { vera } from '../support/world.ts'

describeRouteRights('cti')

test('categories come in their order, with both names', async () => {
  const team = await newTeam()
  const { body } = await api<Category[]>(vera, 'GET', `/teams/${team.id}/cti/categories`)
  expect(body.map(({ key, name, portal_name }) => [key, name, portal_name])).toEqual([
    ['bug', 'Bug', 'Technical issue'],
    ['feature_request', 'Feature request', 'Feature request'],
    ['question', 'Question', 'General inquiry'],
    ['billing', 'Billing', 'Billing question'],
    ['content_update', 'Content update', 'Content update'],
    ['other', 'Other', 'Other']
  ])
  expect(Object.keys(body[0]!).sort()).toEqual(['id', 'key', 'name', 'portal_name'])
})

import { describe, expect, test } from 'vitest'
import type { CannedResponse, Page } from '#shared/types/api'
import { api, readTeamRows, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, initech, unknownId } from '../support/world.ts'

describeRouteRights('canned-responses')

const path = (team: { id: string }) => `/teams/${team.id}/canned-responses`

describe('canned responses', () => {
  test('canned responses are listed by title', async () => {
    const team = await newTeam()
    for (const title of ['Zebra', 'Apology']) await api(adam, 'POST', path(team), { title, content: 'x' })
    const { body } = await api<CannedResponse[]>(bob, 'GET', path(team))
    expect(body.map(({ title }) => title)).toEqual(['Apology', 'Thanks', 'Zebra'])
    expect(Object.keys(body[0]!).sort()).toEqual([
      'category',
      'content',
      'created_at',
      'created_by',
      'id',
      'team_id',
      'title',
      'updated_at'
    ])
  })

  test('a canned response keeps its content exactly and evaluates no placeholder', async () => {
    const team = await newTeam()
    for (const content of ["Hello {{constructor.constructor('return 1')()}},\r\n\r\n<b>we</b> are on it. ${7*7}", 'x'.repeat(20_000)]) {
      const { status, body } = await api<CannedResponse>(ann, 'POST', path(team), { title: 'New', content, category: 'Greetings' })
      expect(status).toBe(201)
      expect(body).toMatchObject({ title: 'New', content, category: 'Greetings', created_by: ann.id, team_id: team.id })
    }
  })

  test('PATCH changes the given fields of a canned response and keeps the rest', async () => {
    const team = await newTeam()
    const [before] = (await api<CannedResponse[]>(ann, 'GET', path(team))).body
    const { body } = await api<CannedResponse>(adam, 'PATCH', `${path(team)}/${before!.id}`, { title: 'Other' })
    expect(body).toEqual({ ...before, title: 'Other', updated_at: body.updated_at })
    expect(body.updated_at > before!.updated_at).toBe(true)
    expect((await api<CannedResponse>(adam, 'PATCH', `${path(team)}/${before!.id}`, { category: 'C' })).body.category).toBe('C')
    expect((await api<CannedResponse>(adam, 'PATCH', `${path(team)}/${before!.id}`, { category: null })).body.category).toBeNull()
    expect((await api<CannedResponse>(adam, 'PATCH', `${path(team)}/${before!.id}`, {})).status).toBe(200)
  })

  test("another team's canned response answers 404, as an unknown one does", async () => {
    const before = await readTeamRows(initech.id)
    for (const [method, body] of [
      ['PATCH', { title: 'x' }],
      ['PATCH', {}],
      ['DELETE', undefined]
    ] as const) {
      const [foreign, missing] = [
        await api(ann, method, `${path(acme)}/${initech.cannedResponse}`, body),
        await api(ann, method, `${path(acme)}/${unknownId}`, body)
      ]
      expectError(foreign, 404, 'not_found')
      expect(foreign.body).toEqual(missing.body)
    }
    expect(await readTeamRows(initech.id)).toBe(before)
  })

  test('a deleted canned response is not listed and answers 404', async () => {
    const team = await newTeam()
    expect((await api(adam, 'DELETE', `${path(team)}/${team.cannedResponse}`)).status).toBe(204)
    expect((await api(adam, 'GET', path(team))).body).toEqual([])
    expectError(await api(adam, 'DELETE', `${path(team)}/${team.cannedResponse}`), 404)
  })
})

test('canned responses are sorted alphabetically across cases and accents, in the whole list and in pages', async () => {
  const team = await newTeam()
  const titles = ['Thank you', 'apple', 'Älpha', 'éclair', 'Zebra', 'alpha']
  for (const title of titles) await api(ann, 'POST', `/teams/${team.id}/canned-responses`, { title, content: 'x' })
  const all = (await api<CannedResponse[]>(bob, 'GET', `/teams/${team.id}/canned-responses`)).body
  expect(all.map(({ title }) => title).filter(title => titles.includes(title))).toEqual([
    'alpha',
    'Älpha',
    'apple',
    'éclair',
    'Thank you',
    'Zebra'
  ])
  const page = async (page: number) =>
    (await api<Page<CannedResponse>>(bob, 'GET', `/teams/${team.id}/canned-responses?page=${page}&page_size=4`)).body
  const pages = [await page(1), await page(2), await page(100)]
  expect(pages.flatMap(({ data }) => data)).toEqual(all)
  expect(pages.map(({ total, page, page_size }) => [total, page, page_size])).toEqual([
    [all.length, 1, 4],
    [all.length, 2, 4],
    [all.length, 100, 4]
  ])
  for (const query of ['page=0', 'page=x', 'page_size=4', 'page=1&page_size=0', 'page=1&page_size=101', 'cursor='])
    expectError(await api(bob, 'GET', `/teams/${team.id}/canned-responses?${query}`), 400, 'invalid')
})

import { describe, expect, test } from 'vitest'
import type { Category, Ticket, TicketCount, TicketItem, TicketType } from '#shared/types/api'
import { api, readTeamRows, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, initech, ivan, unknownId, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('cti')

const cti = (team: { id: string }) => `/teams/${team.id}/cti`
const categories = async (team: TeamWorld, query = '') =>
  (await api<(Category & TicketCount)[]>(vera, 'GET', `${cti(team)}/categories${query}`)).body
const types = async (team: TeamWorld, query = '') =>
  (await api<(TicketType & TicketCount)[]>(vera, 'GET', `${cti(team)}/types${query}`)).body
const items = async (team: TeamWorld, query = '') =>
  (await api<(TicketItem & TicketCount)[]>(vera, 'GET', `${cti(team)}/items${query}`)).body
const add = async <T>(team: TeamWorld, level: string, body: unknown) => (await api<T>(adam, 'POST', `${cti(team)}/${level}`, body)).body
const change = (team: TeamWorld, ticketId: string, changes: unknown) =>
  api<Ticket>(bob, 'PATCH', `/teams/${team.id}/tickets/${ticketId}`, changes)
const read = async (team: TeamWorld, ticketId: string) => (await api<Ticket>(bob, 'GET', `/teams/${team.id}/tickets/${ticketId}`)).body

describe('categories', () => {
  test('categories are listed in their order, with name and portal name', async () => {
    const team = await newTeam()
    const body = await categories(team)
    expect(body.map(({ key, name, portal_name, position }) => [key, name, portal_name, position])).toEqual([
      ['bug', 'Bug', 'Technical issue', 1],
      ['feature_request', 'Feature request', 'Feature request', 2],
      ['question', 'Question', 'General inquiry', 3],
      ['billing', 'Billing', 'Billing question', 4],
      ['content_update', 'Content update', 'Content update', 5],
      ['other', 'Other', 'Other', 6]
    ])
    expect(Object.keys(body[0]!).sort()).toEqual(['id', 'key', 'name', 'portal_name', 'position'])
  })

  test('a category gets a key from its name that is unique in the team, in any script', async () => {
    const team = await newTeam()
    const keys = []
    for (const name of ['Café & Bar', 'C++', 'C#', '2nd line', '日本語', 'Ελληνικά', '🔥', 'x'.repeat(100), `${'x'.repeat(99)}y`]) {
      const { status, body } = await api<Category>(adam, 'POST', `${cti(team)}/categories`, { name })
      expect(status).toBe(201)
      expect(body).toMatchObject({ name, portal_name: null, position: 7 + keys.length })
      keys.push(body.key)
    }
    expect(keys).toEqual(['cafe_bar', 'c', 'c_2', 'nd_line', 'category', 'category_2', 'category_3', 'x'.repeat(45), `${'x'.repeat(45)}_2`])
  })

  test('a renamed category keeps its key, and its portal name can be removed', async () => {
    const team = await newTeam()
    const { body } = await api<Category>(adam, 'PATCH', `${cti(team)}/categories/${team.category}`, {
      name: '  Defect ',
      portal_name: null
    })
    expect(body).toEqual({ id: team.category, key: 'bug', name: 'Defect', portal_name: null, position: 1 })
    expect((await api(adam, 'PUT', `${cti(team)}/categories/${team.category}`, { name: 'Bug' })).body).toEqual({ ...body, name: 'Bug' })
    expect((await api(adam, 'PATCH', `${cti(team)}/categories/${team.category}`, {})).body).toEqual({ ...body, name: 'Bug' })
    expect(await read(team, team.tickets.bobs)).toMatchObject({ category: 'bug', category_name: 'Bug' })
  })

  test('deleting a category deletes its types and items and moves its tickets to the category "other"', async () => {
    const team = await newTeam()
    await change(team, team.tickets.bobs, { type_id: team.type, item_id: team.item })
    const before = await read(team, team.tickets.bobs)
    expect((await categories(team, '?counts=true')).find(({ key }) => key === 'bug')).toMatchObject({ ticket_count: 1 })
    expect((await api(adam, 'DELETE', `${cti(team)}/categories/${team.category}`)).status).toBe(204)
    expect(await read(team, team.tickets.bobs)).toMatchObject({
      category: 'other',
      category_name: 'Other',
      type_id: null,
      type_name: null,
      item_id: null,
      item_name: null,
      version: before.version + 1
    })
    expect((await categories(team)).map(({ key, position }) => [key, position])).toEqual([
      ['feature_request', 1],
      ['question', 2],
      ['billing', 3],
      ['content_update', 4],
      ['other', 5]
    ])
    expect(await types(team)).toEqual([])
    expect(await items(team)).toEqual([])
    expectError(await api(adam, 'DELETE', `${cti(team)}/categories/${team.category}`), 404)
  })

  test('the category "other" cannot be deleted, but it can be renamed and moved', async () => {
    const team = await newTeam()
    const other = (await categories(team)).find(({ key }) => key === 'other')!
    expectError(await api(ann, 'DELETE', `${cti(team)}/categories/${other.id}`), 409, 'category_required')
    expect((await api(ann, 'PATCH', `${cti(team)}/categories/${other.id}`, { name: 'Everything else', position: 1 })).body).toMatchObject({
      key: 'other',
      name: 'Everything else',
      position: 1
    })
  })
})

describe('types and items', () => {
  test('types and items are listed in order with their parents, all of them or those of one parent', async () => {
    const team = await newTeam()
    const invoices = await add<TicketType>(team, 'types', { category_id: (await categories(team))[3]!.id, name: 'Invoices' })
    const printing = await add<TicketType>(team, 'types', { category_id: team.category, name: 'Printing' })
    const switches = await add<TicketItem>(team, 'items', { type_id: team.type, name: 'Switch' })
    expect(printing).toEqual({ id: printing.id, category_id: team.category, category: 'bug', name: 'Printing', position: 2 })
    expect(switches).toEqual({ id: switches.id, type_id: team.type, name: 'Switch', position: 2 })
    expect((await types(team)).map(({ name }) => name)).toEqual(['Network', 'Printing', 'Invoices'])
    expect((await types(team, `?category_id=${team.category}`)).map(({ name }) => name)).toEqual(['Network', 'Printing'])
    expect((await items(team)).map(({ name }) => name)).toEqual(['VPN', 'Switch'])
    expect(await items(team, `?type_id=${invoices.id}`)).toEqual([])
    expect(await types(team, `?category_id=${unknownId}`)).toEqual([])
  })

  test('categories, types and items include ticket counts with counts=true only', async () => {
    const team = await newTeam()
    await change(team, team.tickets.bobs, { type_id: team.type, item_id: team.item })
    await change(team, team.tickets.unassigned, { category: 'bug', type_id: team.type })
    expect(await types(team, '?counts=true')).toMatchObject([{ name: 'Network', ticket_count: 2 }])
    expect(await items(team, '?counts=true')).toMatchObject([{ name: 'VPN', ticket_count: 1 }])
    expect((await categories(team, '?counts=true')).map(({ ticket_count }) => ticket_count)).toEqual([2, 1, 0, 0, 0, 1])
    expect(Object.keys((await types(team, '?counts=false'))[0]!)).not.toContain('ticket_count')
  })

  test('deleting a type or an item leaves its tickets at the level above', async () => {
    const team = await newTeam()
    await change(team, team.tickets.bobs, { type_id: team.type, item_id: team.item })
    expect((await api(adam, 'DELETE', `${cti(team)}/items/${team.item}`)).status).toBe(204)
    expect(await read(team, team.tickets.bobs)).toMatchObject({
      category: 'bug',
      type_id: team.type,
      type_name: 'Network',
      item_id: null,
      item_name: null
    })
    expect((await api(adam, 'DELETE', `${cti(team)}/types/${team.type}`)).status).toBe(204)
    expect(await read(team, team.tickets.bobs)).toMatchObject({ category: 'bug', type_id: null, type_name: null })
  })

  test("another team's categories, types and items get the same answers as unknown ones", async () => {
    const before = await readTeamRows(initech.id)
    const foreign = { categories: initech.category, types: initech.type, items: initech.item }
    for (const [level, id] of Object.entries(foreign)) {
      for (const [method, body] of [
        ['PATCH', { name: 'Mine' }],
        ['PATCH', { position: 1 }],
        ['PATCH', {}],
        ['PUT', { name: 'Mine' }],
        ['DELETE', undefined]
      ] as const) {
        const [answer, missing] = [
          await api(ann, method, `${cti(acme)}/${level}/${id}`, body),
          await api(ann, method, `${cti(acme)}/${level}/${unknownId}`, body)
        ]
        expectError(answer, 404, 'not_found')
        expect(answer.body).toEqual(missing.body)
      }
    }
    for (const [level, parent, id] of [
      ['types', 'category_id', initech.category],
      ['items', 'type_id', initech.type]
    ] as const) {
      const [answer, missing] = [
        await api(ann, 'POST', `${cti(acme)}/${level}`, { name: 'Mine', [parent]: id }),
        await api(ann, 'POST', `${cti(acme)}/${level}`, { name: 'Mine', [parent]: unknownId })
      ]
      expect(expectError(answer, 400, 'invalid').data.issues).toMatchObject([{ path: parent }])
      expect(answer.body).toEqual(missing.body)
      expect((await api(ann, 'GET', `${cti(acme)}/${level}?${parent}=${id}`)).body).toEqual([])
    }
    expect(await readTeamRows(initech.id)).toBe(before)
    expect((await api<TicketType[]>(ivan, 'GET', `${cti(initech)}/types`)).body.map(({ id }) => id)).toEqual([initech.type])
  })
})

describe('names of categories, types and items', () => {
  test('a name is unique regardless of case and free again after deletion', async () => {
    const team = await newTeam()
    const tries = {
      categories: { name: 'BUG' },
      types: { category_id: team.category, name: 'network' },
      items: { type_id: team.type, name: 'vpn' }
    }
    for (const [level, body] of Object.entries(tries)) {
      expect(expectError(await api(adam, 'POST', `${cti(team)}/${level}`, body), 409, 'name_taken').data.issues).toMatchObject([
        { path: 'name' }
      ])
    }
    expectError(await api(adam, 'PATCH', `${cti(team)}/categories/${team.category}`, { name: 'billing' }), 409, 'name_taken')
    await api(adam, 'DELETE', `${cti(team)}/categories/${team.category}`)
    expect(await add<Category>(team, 'categories', { name: 'Bug' })).toMatchObject({ key: 'bug', position: 6 })
  })

  test('empty, long and multi-line names, unknown fields, bad positions and bad queries are refused', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    for (const name of ['', '   ', '\u200B', 'x'.repeat(101), 'a\nb', 'a\0b', 7, null, undefined]) {
      for (const [level, parent] of [
        ['categories', {}],
        ['types', { category_id: team.category }],
        ['items', { type_id: team.type }]
      ] as const) {
        expect(
          expectError(await api(adam, 'POST', `${cti(team)}/${level}`, { ...parent, name }), 400, 'invalid').data.issues
        ).toMatchObject([{ path: 'name' }])
      }
    }
    for (const position of [0, -1, 1.5, '1', null, 1e9])
      expectError(await api(adam, 'PATCH', `${cti(team)}/types/${team.type}`, { position }), 400, 'invalid')
    for (const body of [{ key: 'defect' }, { team_id: initech.id }, { id: unknownId }, { category: 'billing' }]) {
      expectError(await api(adam, 'PATCH', `${cti(team)}/categories/${team.category}`, body), 400, 'invalid')
      expectError(await api(adam, 'PATCH', `${cti(team)}/types/${team.type}`, body), 400, 'invalid')
    }
    for (const query of ['categories?counts=1', 'types?category_id=bug', 'items?type_id=', 'categories?q=x'])
      expectError(await api(adam, 'GET', `${cti(team)}/${query}`), 400, 'invalid')
    expectError(await api(adam, 'DELETE', `${cti(team)}/categories/bug`), 404)
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('a type has at most 100 items', async () => {
    const team = await newTeam()
    await database()`insert into public.ticket_items (team_id, type_id, name, position) select ${team.id}, ${team.type}, 'Item ' || n, n from generate_series(2, 99) as n`
    await add(team, 'items', { type_id: team.type, name: 'Item 100' })
    expectError(await api(adam, 'POST', `${cti(team)}/items`, { type_id: team.type, name: 'One more' }), 422, 'routing_limit')
    expect(await items(team)).toHaveLength(100)
  })
})

describe('order of categories, types and items', () => {
  const keys = async (team: TeamWorld) => (await categories(team)).map(({ key }) => key)

  test('moving a category shifts the others, and positions stay without gaps', async () => {
    const team = await newTeam()
    const list = await categories(team)
    const move = (index: number, position: number) =>
      api<Category>(adam, 'PATCH', `${cti(team)}/categories/${list[index]!.id}`, { position })
    expect((await move(0, 3)).body.position).toBe(3)
    expect(await keys(team)).toEqual(['feature_request', 'question', 'bug', 'billing', 'content_update', 'other'])
    expect((await move(5, 1)).body.position).toBe(1)
    expect(await keys(team)).toEqual(['other', 'feature_request', 'question', 'bug', 'billing', 'content_update'])
    expect((await move(5, 99)).body.position).toBe(6)
    expect((await move(3, 4)).body.position).toBe(4)
    await api(adam, 'DELETE', `${cti(team)}/categories/${list[1]!.id}`)
    expect((await categories(team)).map(({ key, position }) => [key, position])).toEqual([
      ['question', 1],
      ['bug', 2],
      ['billing', 3],
      ['content_update', 4],
      ['other', 5]
    ])
  })

  test('concurrent moves of categories all succeed and lose or duplicate no category', async () => {
    const team = await newTeam()
    const before = await categories(team)
    const moves = Array.from({ length: 30 }, (_, n) =>
      api(n % 2 ? adam : ann, 'PATCH', `${cti(team)}/categories/${before[n % 6]!.id}`, { position: 1 + ((n * 7) % 6) })
    )
    expect(new Set((await Promise.all(moves)).map(({ status }) => status))).toEqual(new Set([200]))
    const after = await categories(team)
    expect(after.map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort())
    expect(after.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('types and items are ordered within their own parent', async () => {
    const team = await newTeam()
    const printing = await add<TicketType>(team, 'types', { category_id: team.category, name: 'Printing' })
    const elsewhere = await add<TicketType>(team, 'types', { category_id: (await categories(team))[3]!.id, name: 'Invoices' })
    expect((await api(adam, 'PATCH', `${cti(team)}/types/${printing.id}`, { position: 1 })).body).toMatchObject({ position: 1 })
    expect((await types(team)).map(({ name, position }) => [name, position])).toEqual([
      ['Printing', 1],
      ['Network', 2],
      [elsewhere.name, 1]
    ])
    const cable = await add<TicketItem>(team, 'items', { type_id: team.type, name: 'Cable' })
    expect((await api(adam, 'PATCH', `${cti(team)}/items/${cable.id}`, { position: 1, name: 'Cables' })).body).toMatchObject({
      position: 1,
      name: 'Cables'
    })
    expect((await items(team)).map(({ name }) => name)).toEqual(['Cables', 'VPN'])
  })
})

describe('the category path of a ticket', () => {
  test('a new ticket takes a category path and answers its names', async () => {
    const team = await newTeam()
    const { status, body } = await api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, {
      subject: 'x',
      description: 'x',
      category: 'bug',
      type_id: team.type,
      item_id: team.item
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      category: 'bug',
      category_name: 'Bug',
      type_id: team.type,
      type_name: 'Network',
      item_id: team.item,
      item_name: 'VPN'
    })
    expect(
      (await api<Ticket[]>(vera, 'GET', `/teams/${team.id}/tickets?category=bug`)).body
        .map(({ ticket_number, item_name }) => [ticket_number, item_name])
        .sort()
    ).toEqual([
      [1, null],
      [5, 'VPN']
    ])
  })

  test('a type or item that does not belong to the level above, or to the team, is refused', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    for (const [changes, path] of [
      [{ category: 'billing', type_id: team.type }, 'type_id'],
      [{ type_id: unknownId }, 'type_id'],
      [{ type_id: initech.type }, 'type_id'],
      [{ item_id: team.item }, 'item_id'],
      [{ type_id: team.type, item_id: initech.item }, 'item_id'],
      [{ type_id: team.type, item_id: unknownId }, 'item_id'],
      [{ type_id: 'network' }, 'type_id']
    ] as const) {
      expect(
        expectError(await change(team, team.tickets.bobs, changes), 400, 'invalid').data.issues,
        JSON.stringify(changes)
      ).toMatchObject([{ path }])
      expectError(
        await api(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'x', description: 'x', category: 'bug', ...changes }),
        400,
        'invalid'
      )
    }
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('changing a level of the category path clears the levels below it', async () => {
    const team = await newTeam()
    await change(team, team.tickets.bobs, { type_id: team.type, item_id: team.item })
    expect((await change(team, team.tickets.bobs, { category: 'question' })).body).toMatchObject({
      category: 'question',
      category_name: 'Question',
      type_id: null,
      item_id: null
    })
    await change(team, team.tickets.bobs, { category: 'bug', type_id: team.type, item_id: team.item })
    expect((await change(team, team.tickets.bobs, { type_id: null })).body).toMatchObject({
      category: 'bug',
      type_id: null,
      item_id: null,
      item_name: null
    })
  })
})

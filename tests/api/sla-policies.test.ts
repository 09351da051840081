import { expect, test } from 'vitest'
import type { TicketEvent } from '#shared/schemas/event'
import type { PolicyApplication, SlaClock, SlaPolicy, Ticket } from '#shared/types/api'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, bob, ivan, unknownId, vera } from '../support/world.ts'

describeRouteRights('sla-policies')

const targets = { first_response: { normal: 3600 }, resolution: { normal: 28_800, urgent: 7200 } }

test('a policy is added, changed and deleted; its conditions are text', async () => {
  const team = await newTeam()
  const path = `/teams/${team.id}/sla-policies`
  const { body: added } = await api<SlaPolicy>(adam, 'POST', path, {
    name: 'Gold',
    conditions: ' tier:"Gold plus"  -tag:internal ',
    targets,
    calendar_id: team.calendar
  })
  expect(added).toMatchObject({
    name: 'Gold',
    conditions: 'tier:"Gold plus" -tag:internal',
    targets,
    calendar_name: 'Day and night',
    version: 1
  })
  const { body: changed } = await api<SlaPolicy>(adam, 'PATCH', `${path}/${added.id}`, { conditions: '', warn_percent: 50, position: 7 })
  expect(changed).toMatchObject({ conditions: '', warn_percent: 50, position: 7, version: 2 })
  expect((await api<SlaPolicy[]>(bob, 'GET', path)).body.map(({ name }) => name)).toEqual(['Standard', 'Gold'])
  expectError(await api(adam, 'DELETE', `/teams/${team.id}/calendars/${team.calendar}`), 409, 'calendar_used')
  expect((await api(adam, 'DELETE', `${path}/${added.id}`)).status).toBe(204)
})

test('a policy names no calendar of another team', async () => {
  const team = await newTeam()
  for (const calendar_id of [acme.calendar, unknownId])
    expectError(await api(adam, 'POST', `/teams/${team.id}/sla-policies`, { name: 'x', targets, calendar_id }), 400, 'unknown_reference')
})

test('escalations are stored as they were sent, name people of the team only, and happen with the policy as their cause', async () => {
  const team = await newTeam()
  const path = `/teams/${team.id}/sla-policies`
  const breach = { metric: null, when: 'breach' }
  const escalations = [
    { ...breach, action: 'notify', members: [bob.id], roles: ['admin'], followers: true },
    { ...breach, action: 'raise_severity' },
    { ...breach, action: 'assign', member_id: adam.id },
    { metric: 'resolution', when: 'warning', action: 'add_tag', tag: 'late' }
  ]
  const { status, body } = await api<SlaPolicy>(adam, 'POST', path, {
    name: 'All',
    targets: { resolution: { normal: 3600 } },
    escalations: [...escalations.slice(0, 3), { ...escalations[3], tag: ' Late ' }]
  })
  expect(status).toBe(201)
  expect(body.escalations).toEqual(escalations)
  for (const step of [
    { ...breach, action: 'assign', member_id: ivan.id },
    { ...breach, action: 'assign', member_id: unknownId },
    { ...breach, action: 'assign', member_id: vera.id },
    { ...breach, action: 'notify', members: [ivan.id], roles: [], followers: true }
  ])
    expectError(await api(adam, 'PATCH', `${path}/${body.id}`, { escalations: [step] }), 422, 'escalation_member')

  const { body: ticket } = await api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'x', description: 'x' })
  await database()`update public.sla_clocks set due_at = now() where ticket_id = ${ticket.id}`
  await database()`select private.mark_due_clocks(100)`
  const { body: history } = await api<TicketEvent[]>(bob, 'GET', `/teams/${team.id}/tickets/${ticket.id}/audit`)
  const escalated = history.filter(({ cause }) => cause !== null)
  expect(escalated.map(({ type, actor, cause }) => [type, actor, cause!.policy, cause!.when])).toEqual(
    ['ticket.assigned', 'ticket.severity_changed', 'ticket.escalated'].map(type => [type, null, { id: body.id, name: 'All' }, 'breach'])
  )
})

test('a condition that no policy may use says what to use instead', async () => {
  const { body } = await api<{ error: { fields: Record<string, string> } }>(adam, 'POST', `/teams/${acme.id}/sla-policies`, {
    name: 'x',
    targets,
    conditions: 'is:open'
  })
  expect(JSON.stringify(body)).toContain('is not a condition of a policy')
})

test('a new ticket has the clocks of its policy, with their receipts, and an answer ends the first', async () => {
  const team = await newTeam()
  await api(adam, 'POST', `/teams/${team.id}/sla-policies`, { name: 'All', targets })
  const { body: ticket } = await api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'x', description: 'x' })
  expect(ticket).toMatchObject({ sla_metric: 'first_response', sla_state: 'pending', awaiting_reply_since: ticket.created_at })
  const path = `/teams/${team.id}/tickets/${ticket.id}`
  const { body: clocks } = await api<SlaClock[]>(bob, 'GET', `${path}/sla`)
  expect(clocks.map(({ metric, state, policy, level, calendar }) => [metric, state, policy.name, level, calendar])).toEqual([
    ['first_response', 'pending', 'All', 'normal', null],
    ['resolution', 'pending', 'All', 'normal', null]
  ])
  expect(clocks[0]!.receipt).toMatch(/^First response · target 1 h · around the clock\n.*will count.*\n→ due /s)
  expect(ticket.sla_due_at).toBe(clocks[0]!.due_at)

  await api(bob, 'POST', `${path}/replies`, { content: 'Hello' })
  const { body: after } = await api<Ticket>(bob, 'GET', path)
  expect(after).toMatchObject({ sla_metric: 'resolution', awaiting_reply_since: null })
  await api(bob, 'PATCH', path, { status: 'resolved' })
  const { body: ended } = await api<SlaClock[]>(bob, 'GET', `${path}/sla`)
  expect(ended.map(({ metric, state }) => [metric, state]).sort()).toEqual([
    ['first_response', 'achieved'],
    ['resolution', 'achieved']
  ])
  const { body: history } = await api<TicketEvent[]>(bob, 'GET', `${path}/audit`)
  expect(history.filter(({ type }) => type === 'ticket.sla_met')).toHaveLength(2)
})

test('lists find what is overdue, what is due soon, and sort by due time', async () => {
  const team = await newTeam()
  await api(adam, 'POST', `/teams/${team.id}/sla-policies`, { name: 'All', targets })
  const create = async (priority: string) =>
    (await api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, { subject: priority, description: 'x', priority })).body.ticket_number
  const [low, normal, urgent] = [await create('low'), await create('normal'), await create('urgent')]
  const find = async (query: string) =>
    (await api<Ticket[]>(bob, 'GET', `/teams/${team.id}/tickets?${query}`)).body
      .map(({ ticket_number }) => ticket_number)
      .filter(number => [low, normal, urgent].includes(number))
  expect(await find('sort=due_at')).toEqual([normal, urgent, low])
  expect(await find(`q=${encodeURIComponent('due:<90m')}`)).toEqual([normal])
  expect(await find(`sort=due_at&q=${encodeURIComponent('due:<3h')}`)).toEqual([normal, urgent])
  expect(await find('q=is:overdue')).toEqual([])
  expect(await find('q=is:breaching')).toEqual([])
  expect(await find('sort=due_at&q=-is:overdue')).toEqual([normal, urgent, low])
})

test('applying the policies answers how many open tickets there are', async () => {
  const team = await newTeam()
  const { status, body } = await api<PolicyApplication>(adam, 'POST', `/teams/${team.id}/sla-policies/apply`)
  expect([status, body]).toEqual([202, { tickets: 3 }])
})

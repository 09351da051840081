import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Jobs } from '#shared/types/api'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { adam, ann, bob, ivan, unknownId, type TeamWorld } from '../support/world.ts'

describeRouteRights('jobs')

let team: TeamWorld
beforeEach(async () => {
  team = await newTeam()
})
afterEach(() => database()`delete from public.teams where id = ${team.id}`)

const list = async (caller = ann) => (await api<Jobs>(caller, 'GET', `/teams/${team.id}/jobs`)).body
const retry = (job: string, caller: typeof ann | typeof adam | typeof bob | typeof ivan = ann) =>
  api(caller, 'POST', `/teams/${team.id}/jobs/${job}/retry`)

/** Inserts a webhook with an unreachable URL and a delivery of it that has failed for good. */
async function insertFailedDelivery(): Promise<string> {
  const [webhook, delivery] = [randomUUID(), randomUUID()]
  await database()`insert into public.webhooks ${database()({ id: webhook, team_id: team.id, name: 'n8n', url: 'https://n8n.invalid/hook', events: ['ticket.created'] })}`
  const [payload] = await database()<
    [{ id: string }]
  >`insert into public.webhook_payloads ${database()({ team_id: team.id, type: 'ticket.created', data: database().json({}) })} returning id`
  await database()`insert into public.webhook_deliveries ${database()({ id: delivery, team_id: team.id, webhook_id: webhook, type: 'ticket.created', payload_id: payload.id, state: 'failed', attempts: 10, next_attempt_at: null, last_error: 'dns' })}`
  return delivery
}

let events = 0

async function insertFailedMail(recipient: string): Promise<string> {
  const id = randomUUID()
  await database()`insert into public.mails ${database()({ id, team_id: team.id, ticket_id: team.tickets.bobs, event_id: ++events, kind: 'public_reply', recipient, state: 'failed', attempts: 3, last_error: '550 no such mailbox' })}`
  return id
}

describe('the jobs of a team', () => {
  test('the list of jobs contains the waiting and failed jobs of its team only, and all schedules', async () => {
    const { counts: before } = await list()
    const [delivery, mail] = [await insertFailedDelivery(), await insertFailedMail('rita@client.test')]
    const other = await newTeam()
    await database()`insert into public.mails ${database()({ team_id: other.id, ticket_id: other.tickets.bobs, event_id: ++events, kind: 'public_reply', recipient: 'other@client.test', state: 'failed' })}`
    await database()`insert into public.bulk_operations ${database()({ team_id: team.id, user_id: bob.id, action: 'set_severity', value: database().json(1), status: 'failed', total: 300, processed: 200, error: 'Something went wrong' })}`
    const { counts, jobs, schedules } = await list()
    expect(counts.failed).toBe(before.failed + 3)
    expect(jobs.slice(0, counts.failed).map(({ state }) => state)).toEqual(Array.from({ length: counts.failed }, () => 'failed'))
    expect(jobs).toContainEqual({
      id: `delivery-${delivery}`,
      kind: 'delivery',
      type: 'ticket.created',
      about: 'n8n',
      state: 'failed',
      attempts: 10,
      next_attempt_at: null,
      error: 'dns',
      created_at: expect.any(String) as string
    })
    expect(jobs).toContainEqual({
      id: `mail-${mail}`,
      kind: 'mail',
      type: 'public_reply',
      about: 'rita@client.test',
      state: 'failed',
      attempts: 3,
      next_attempt_at: null,
      error: '550 no such mailbox',
      created_at: expect.any(String) as string
    })
    expect(jobs.find(({ kind }) => kind === 'bulk')).toMatchObject({
      type: 'set_severity',
      about: '200 of 300',
      state: 'failed',
      error: 'Something went wrong'
    })
    expect(JSON.stringify(jobs)).not.toContain('other@client.test')
    expect(schedules.map(({ name }) => name)).toContain('close-resolved-tickets')
    for (const { cron, failed_at } of schedules) expect([cron.split(' ').length, failed_at]).toEqual([5, null])
    await database()`delete from public.teams where id = ${other.id}`
  })

  test('a failed delivery and a failed mail can be retried', async () => {
    const [delivery, mail] = [await insertFailedDelivery(), await insertFailedMail(ann.email)]
    expect((await retry(`delivery-${delivery}`)).status).toBe(204)
    expect((await retry(`mail-${mail}`, adam)).status).toBe(204)
    await expect
      .poll(async () => (await database()`select number from public.webhook_attempts where delivery_id = ${delivery}`).length, {
        timeout: 15_000
      })
      .toBe(1)
    await expect
      .poll(async () => (await database()<{ state: string }[]>`select state from public.mails where id = ${mail}`)[0]!.state, {
        timeout: 15_000
      })
      .not.toBe('failed')
  })

  test('retrying a job of another team, a finished job or an unknown job answers 404', async () => {
    const mail = await insertFailedMail('rita@client.test')
    expectError(await retry(`mail-${mail}`, ivan), 404)
    expectError(await retry(`mail-${mail}`, bob), 403)
    await database()`update public.mails set state = 'cancelled' where id = ${mail}`
    for (const job of [
      `mail-${mail}`,
      `mail-${unknownId}`,
      `delivery-${unknownId}`,
      'event-999999999999',
      'bulk-1',
      `bulk-${team.operation}`,
      'mail-x',
      'event-0',
      'event--1',
      'event-99999999999999999999',
      'x',
      `mail-${unknownId}'--`
    ])
      expectError(await retry(job), 404)
  })
})

import { randomUUID } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Profile } from '#shared/types/api'
import { api, apiBy, auth, database, expectError, keyOf, newTeam, signIn as tokenOf, type Answer } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { acme, ann, password } from '../support/world.ts'

interface Tokens {
  access_token: string
  refresh_token: string
}

let cleo: { id: string; email: string }
let teamId: string

beforeEach(async () => {
  const team = await newTeam()
  cleo = { id: randomUUID(), email: `cleo.${randomUUID()}@acme.test` }
  teamId = team.id
  await database()`
    insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data)
    values (${cleo.id}, ${cleo.email}, extensions.crypt(${password}, extensions.gen_salt('bf', 4)), now(), '{}', '{"full_name": "Cleo Carr"}')`
  await database()`insert into public.team_members (team_id, user_id, role) values (${teamId}, ${cleo.id}, 'member')`
})

async function signIn(): Promise<Tokens> {
  return (await auth<Tokens>('/token?grant_type=password', { email: cleo.email, password })).body
}

const by = ({ access_token }: Tokens, path = `/teams/${teamId}/tickets`): Promise<Answer> =>
  api(null, 'GET', path, undefined, { headers: { authorization: `Bearer ${access_token}` } })
const authorized = ({ access_token }: Tokens) => ({ authorization: `Bearer ${access_token}` })

async function expectEnded(tokens: Tokens): Promise<void> {
  for (const path of [`/teams/${teamId}/tickets`, '/profile', '/teams', `/teams/${acme.id}/tickets`])
    expectError(await by(tokens, path), 401, 'session_ended')
  expectError(
    await api(
      null,
      'POST',
      `/teams/${teamId}/tickets`,
      { subject: 'After the end', description: 'Nothing' },
      { headers: authorized(tokens) }
    ),
    401,
    'session_ended'
  )
  expect(await database()`select from public.tickets where team_id = ${teamId} and subject = 'After the end'`).toHaveLength(0)
}

describe('an access token', () => {
  test.each(['local', 'global'])('ends with its session at sign-out (%s)', async scope => {
    const [here, there] = [await signIn(), await signIn()]
    expect((await by(here)).status).toBe(200)
    expect((await auth(`/logout?scope=${scope}`, {}, authorized(here))).status).toBe(204)
    await expectEnded(here)
    if (scope === 'global') await expectEnded(there)
    else expect((await by(there)).status).toBe(200)
  })

  test('ends when another device signs the others out', async () => {
    const [here, there] = [await signIn(), await signIn()]
    expect((await auth('/logout?scope=others', {}, authorized(here))).status).toBe(204)
    await expectEnded(there)
    expect((await by(here)).status).toBe(200)
  })

  test('ends everywhere else with the password', async () => {
    const [here, there] = [await signIn(), await signIn()]
    const { supabaseUrl, publishableKey } = product()
    const changed = await fetch(`${supabaseUrl}/auth/v1/user`, {
      method: 'PUT',
      headers: { 'apikey': publishableKey, 'content-type': 'application/json', ...authorized(here) },
      body: JSON.stringify({ password: 'another horse battery', current_password: password })
    })
    expect(changed.status).toBe(200)
    await expectEnded(there)
    expect((await by(here)).status).toBe(200)
  })

  test('ends with a ban and counts again after it', async () => {
    const here = await signIn()
    const key = await keyOf({ id: teamId }, cleo, ['read'])
    expect((await apiBy(key, 'GET', `/teams/${teamId}/tickets`)).status).toBe(200)
    await database()`update auth.users set banned_until = now() + interval '1 hour' where id = ${cleo.id}`
    await expectEnded(here)
    expectError(await apiBy(key, 'GET', `/teams/${teamId}/tickets`), 401, 'unknown_key')
    await database()`update auth.users set banned_until = null where id = ${cleo.id}`
    expect((await by(here)).status).toBe(200)
    // A key that was refused is not looked up again for five seconds.
    await expect
      .poll(async () => (await apiBy(key, 'GET', `/teams/${teamId}/tickets`)).status, { timeout: 10_000, interval: 500 })
      .toBe(200)
  })

  test('ends with its account', async () => {
    const here = await signIn()
    await database()`delete from public.team_members where user_id = ${cleo.id}`
    await database()`delete from auth.users where id = ${cleo.id}`
    await expectEnded(here)
  })

  test('outlives a refresh of its session', async () => {
    const here = await signIn()
    const { body: fresh } = await auth<Tokens>('/token?grant_type=refresh_token', { refresh_token: here.refresh_token })
    expect((await by(here)).status).toBe(200)
    expect((await by(fresh)).status).toBe(200)
  })

  test('ends for the cookie as for the header', async () => {
    const here = await signIn()
    await auth('/logout?scope=local', {}, authorized(here))
    const cookie = `sb-switchboard-auth=base64-${Buffer.from(JSON.stringify(here)).toString('base64url')}`
    expectError(await api(null, 'GET', '/profile', undefined, { headers: { cookie } }), 401, 'session_ended')
  })
})

describe('a channel that was joined', () => {
  const topicNow = async () =>
    (
      await database()<[{ topic: string }]>`select private.team_topic(id, realtime_epoch) as topic from public.teams where id = ${teamId}`
    )[0].topic

  /** Joins as a browser with this token does: how that ended, and from then on the subjects of the tickets that are heard of and how often the channel was said to be over. */
  async function join(token: string, topic: string): Promise<{ status: string; heard: string[]; ended: number }> {
    const { supabaseUrl, publishableKey } = product()
    const client = createClient(supabaseUrl, publishableKey, { auth: { persistSession: false, autoRefreshToken: false } })
    onTestFinished(() => client.realtime.disconnect().then(() => {}))
    await client.realtime.setAuth(token)
    const heard: string[] = []
    const answer = { status: '', heard, ended: 0 }
    answer.status = await new Promise<string>(resolve => {
      client
        .channel(topic, { config: { private: true } })
        .on('broadcast', { event: 'change' }, ({ payload }) =>
          heard.push((payload as { record: { subject?: string } }).record.subject ?? '')
        )
        .on('broadcast', { event: 'epoch' }, () => answer.ended++)
        .subscribe(resolve)
    })
    return answer
  }

  const ends: [how: string, end: (tokens: Tokens) => Promise<unknown>][] = [
    ['sign-out', tokens => auth('/logout?scope=local', {}, authorized(tokens))],
    ['a ban', () => database()`update auth.users set banned_until = now() + interval '1 hour' where id = ${cleo.id}`]
  ]

  test.each(ends)('is heard no more after %s, and the next one cannot be joined', async (_, end) => {
    const cleos = await signIn()
    const [hers, anns] = [await join(cleos.access_token, await topicNow()), await join(await tokenOf(ann), await topicNow())]
    expect([hers.status, anns.status]).toEqual(['SUBSCRIBED', 'SUBSCRIBED'])
    await api(ann, 'POST', `/teams/${teamId}/tickets`, { subject: 'While she is here', description: 'x' })
    await expect.poll(() => hers.heard, { timeout: 10_000 }).toContain('While she is here')

    await end(cleos)
    const next = await join(await tokenOf(ann), await topicNow())
    expect(next.status).toBe('SUBSCRIBED')
    await api(ann, 'POST', `/teams/${teamId}/tickets`, { subject: 'After the end', description: 'x' })
    await expect.poll(() => next.heard, { timeout: 10_000 }).toContain('After the end')
    expect(hers.heard).not.toContain('After the end')
    expect((await join(cleos.access_token, await topicNow())).status).toBe('CHANNEL_ERROR')
  })

  test.each(ends)('of a person is silent after %s; who signs in again joins the next one', async (_, end) => {
    const topicOf = async (tokens: Tokens) => ((await by(tokens, '/profile')).body as Profile).realtime_topic
    const notify = () => database()`
      insert into public.notifications (team_id, user_id, event_id, kind, ticket_id)
      select ${teamId}, ${cleo.id}, (select coalesce(max(event_id), 0) + 1 from public.notifications where user_id = ${cleo.id}), 'assigned', id from public.tickets where team_id = ${teamId} limit 1`
    const before = await signIn()
    const topic = await topicOf(before)
    const old = await join(before.access_token, topic)
    expect(old.status).toBe('SUBSCRIBED')
    await notify()
    await expect.poll(() => old.heard.length, { timeout: 10_000 }).toBe(1)

    await end(before)
    await database()`update auth.users set banned_until = null where id = ${cleo.id}`
    const after = await signIn()
    const next = await topicOf(after)
    expect(next).not.toBe(topic)
    const fresh = await join(after.access_token, next)
    expect(fresh.status).toBe('SUBSCRIBED')
    await notify()
    await expect.poll(() => fresh.heard.length, { timeout: 10_000 }).toBe(1)
    expect(old.heard).toHaveLength(1)
    expect(old.ended).toBe(1)
    expect((await join(after.access_token, topic)).status).toBe('CHANNEL_ERROR')
  })
})

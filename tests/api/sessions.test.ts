import { randomUUID } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Profile } from '#shared/types/api'
import { api, apiWithKey, auth, database, expectError, createKey, newTeam, signIn as tokenOf, type Answer } from '../support/api.ts'
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

const getWith = ({ access_token }: Tokens, path = `/teams/${teamId}/tickets`): Promise<Answer> =>
  api(null, 'GET', path, undefined, { headers: { authorization: `Bearer ${access_token}` } })
const authorized = ({ access_token }: Tokens) => ({ authorization: `Bearer ${access_token}` })

async function expectEnded(tokens: Tokens): Promise<void> {
  for (const path of [`/teams/${teamId}/tickets`, '/profile', '/teams', `/teams/${acme.id}/tickets`])
    expectError(await getWith(tokens, path), 401, 'session_ended')
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
  test.each(['local', 'global'])('an access token ends with its session at sign-out (%s)', async scope => {
    const [here, there] = [await signIn(), await signIn()]
    expect((await getWith(here)).status).toBe(200)
    expect((await auth(`/logout?scope=${scope}`, {}, authorized(here))).status).toBe(204)
    await expectEnded(here)
    if (scope === 'global') await expectEnded(there)
    else expect((await getWith(there)).status).toBe(200)
  })

  test('an access token ends when another device signs out all other devices', async () => {
    const [here, there] = [await signIn(), await signIn()]
    expect((await auth('/logout?scope=others', {}, authorized(here))).status).toBe(204)
    await expectEnded(there)
    expect((await getWith(here)).status).toBe(200)
  })

  test('a change of the password ends the access tokens of all other devices', async () => {
    const [here, there] = [await signIn(), await signIn()]
    const { supabaseUrl, publishableKey } = product()
    const changed = await fetch(`${supabaseUrl}/auth/v1/user`, {
      method: 'PUT',
      headers: { 'apikey': publishableKey, 'content-type': 'application/json', ...authorized(here) },
      body: JSON.stringify({ password: 'another horse battery', current_password: password })
    })
    expect(changed.status).toBe(200)
    await expectEnded(there)
    expect((await getWith(here)).status).toBe(200)
  })

  test("a ban suspends a person's access tokens and API keys until it is lifted", async () => {
    const here = await signIn()
    const key = await createKey({ id: teamId }, cleo, ['read'])
    expect((await apiWithKey(key, 'GET', `/teams/${teamId}/tickets`)).status).toBe(200)
    await database()`update auth.users set banned_until = now() + interval '1 hour' where id = ${cleo.id}`
    await expectEnded(here)
    expectError(await apiWithKey(key, 'GET', `/teams/${teamId}/tickets`), 401, 'unknown_key')
    await database()`update auth.users set banned_until = null where id = ${cleo.id}`
    expect((await getWith(here)).status).toBe(200)
    // The refusal of a key is cached for five seconds.
    await expect
      .poll(async () => (await apiWithKey(key, 'GET', `/teams/${teamId}/tickets`)).status, { timeout: 10_000, interval: 500 })
      .toBe(200)
  })

  test('an access token ends when its account is deleted', async () => {
    const here = await signIn()
    await database()`delete from public.team_members where user_id = ${cleo.id}`
    await database()`delete from auth.users where id = ${cleo.id}`
    await expectEnded(here)
  })

  test('an access token stays valid when its session is refreshed', async () => {
    const here = await signIn()
    const { body: fresh } = await auth<Tokens>('/token?grant_type=refresh_token', { refresh_token: here.refresh_token })
    expect((await getWith(here)).status).toBe(200)
    expect((await getWith(fresh)).status).toBe(200)
  })

  test('an access token of an ended session is refused in the cookie as in the header', async () => {
    const here = await signIn()
    await auth('/logout?scope=local', {}, authorized(here))
    const cookie = `sb-switchboard-auth=base64-${Buffer.from(JSON.stringify(here)).toString('base64url')}`
    expectError(await api(null, 'GET', '/profile', undefined, { headers: { cookie } }), 401, 'session_ended')
  })
})

describe('a joined realtime channel', () => {
  const topicNow = async () =>
    (
      await database()<[{ topic: string }]>`select private.team_topic(id, realtime_epoch) as topic from public.teams where id = ${teamId}`
    )[0].topic

  /** Joins as a browser with this token does. `subjects` collects the subjects of changed tickets, `ended` counts the epoch messages. */
  async function join(token: string, topic: string): Promise<{ status: string; subjects: string[]; ended: number }> {
    const { supabaseUrl, publishableKey } = product()
    const client = createClient(supabaseUrl, publishableKey, { auth: { persistSession: false, autoRefreshToken: false } })
    onTestFinished(() => client.realtime.disconnect().then(() => {}))
    await client.realtime.setAuth(token)
    const subjects: string[] = []
    const answer = { status: '', subjects, ended: 0 }
    answer.status = await new Promise<string>(resolve => {
      client
        .channel(topic, { config: { private: true } })
        .on('broadcast', { event: 'change' }, ({ payload }) =>
          subjects.push((payload as { record: { subject?: string } }).record.subject ?? '')
        )
        .on('broadcast', { event: 'epoch' }, () => answer.ended++)
        .subscribe(resolve)
    })
    return answer
  }

  const sessionEndings: [cause: string, end: (tokens: Tokens) => Promise<unknown>][] = [
    ['sign-out', tokens => auth('/logout?scope=local', {}, authorized(tokens))],
    ['a ban', () => database()`update auth.users set banned_until = now() + interval '1 hour' where id = ${cleo.id}`]
  ]

  test.each(sessionEndings)(
    "a team's channel is silent for the session after %s, and the session cannot join the next channel",
    async (_, end) => {
      const cleos = await signIn()
      const [hers, anns] = [await join(cleos.access_token, await topicNow()), await join(await tokenOf(ann), await topicNow())]
      expect([hers.status, anns.status]).toEqual(['SUBSCRIBED', 'SUBSCRIBED'])
      await api(ann, 'POST', `/teams/${teamId}/tickets`, { subject: 'While she is here', description: 'x' })
      await expect.poll(() => hers.subjects, { timeout: 10_000 }).toContain('While she is here')

      await end(cleos)
      const next = await join(await tokenOf(ann), await topicNow())
      expect(next.status).toBe('SUBSCRIBED')
      await api(ann, 'POST', `/teams/${teamId}/tickets`, { subject: 'After the end', description: 'x' })
      await expect.poll(() => next.subjects, { timeout: 10_000 }).toContain('After the end')
      expect(hers.subjects).not.toContain('After the end')
      expect((await join(cleos.access_token, await topicNow())).status).toBe('CHANNEL_ERROR')
    }
  )

  test.each(sessionEndings)("a person's channel is silent after %s, and a new session joins the next channel", async (_, end) => {
    const topicOf = async (tokens: Tokens) => ((await getWith(tokens, '/profile')).body as Profile).realtime_topic
    const notify = () => database()`
      insert into public.notifications (team_id, user_id, event_id, kind, ticket_id)
      select ${teamId}, ${cleo.id}, (select coalesce(max(event_id), 0) + 1 from public.notifications where user_id = ${cleo.id}), 'assigned', id from public.tickets where team_id = ${teamId} limit 1`
    const before = await signIn()
    const topic = await topicOf(before)
    const old = await join(before.access_token, topic)
    expect(old.status).toBe('SUBSCRIBED')
    await notify()
    await expect.poll(() => old.subjects.length, { timeout: 10_000 }).toBe(1)

    await end(before)
    await database()`update auth.users set banned_until = null where id = ${cleo.id}`
    const after = await signIn()
    const next = await topicOf(after)
    expect(next).not.toBe(topic)
    const fresh = await join(after.access_token, next)
    expect(fresh.status).toBe('SUBSCRIBED')
    await notify()
    await expect.poll(() => fresh.subjects.length, { timeout: 10_000 }).toBe(1)
    expect(old.subjects).toHaveLength(1)
    expect(old.ended).toBe(1)
    expect((await join(after.access_token, topic)).status).toBe('CHANNEL_ERROR')
  })
})

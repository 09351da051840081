import { randomBytes, randomUUID } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { scopes } from '#shared/permissions'
import { as, service, session } from '../support/as.ts'
import { acme, adam, ageSignIns, ann, bob, vera, type Person } from '../support/world.ts'

const signInRequired = { code: 'PT403', detail: 'reauthentication_required' }
const digest = () => randomBytes(32)
const createKey = (sql: TransactionSql, userId: string | null) =>
  sql`select private.create_api_key(${acme.id}, ${userId}, 'n8n', '{read}', null, 'sk_abcdefgh', ${digest()})`
const invite = (sql: TransactionSql, role: string, email = 'rita@client.test') =>
  sql`select private.save_invitation(${acme.id}, ${email}, ${role}, ${digest()})`
const changeRole = (sql: TransactionSql, { id }: Person, role: string) => sql`select private.change_member_role(${acme.id}, ${id}, ${role})`
const updateWebhook = (sql: TransactionSql, fields: object) =>
  sql`update webhooks set ${sql(fields)} where id = ${acme.webhook} returning id`

interface Attempt {
  does: string
  requiredBy: string
  run: (sql: TransactionSql) => Promise<unknown>
}

/** Actions whose effect outlives the session, each with the function of `private` that requires the recent sign-in. */
const attempts: Attempt[] = [
  { does: 'creates a key for a service agent', requiredBy: 'create_api_key', run: sql => createKey(sql, null) },
  { does: 'creates a key for Bob', requiredBy: 'create_api_key', run: sql => createKey(sql, bob.id) },
  { does: 'creates a personal key', requiredBy: 'create_api_key', run: sql => createKey(sql, ann.id) },
  {
    does: 'rotates a key',
    requiredBy: 'rotate_api_key',
    run: sql => sql`select private.rotate_api_key(${acme.id}, ${acme.apiKey}, 'sk_abcdefgh', ${digest()})`
  },
  ...['viewer', 'member', 'admin', 'owner'].map(role => ({
    does: `invites a new ${role}`,
    requiredBy: 'save_invitation',
    run: (sql: TransactionSql) => invite(sql, role)
  })),
  { does: 'raises the role of an invitation', requiredBy: 'save_invitation', run: sql => invite(sql, 'admin', 'newcomer@elsewhere.test') },
  { does: 'renews an invitation', requiredBy: 'save_invitation', run: sql => invite(sql, 'member', 'newcomer@elsewhere.test') },
  { does: 'makes a viewer a member', requiredBy: 'change_member_role', run: sql => changeRole(sql, vera, 'member') },
  { does: 'makes a member an admin', requiredBy: 'change_member_role', run: sql => changeRole(sql, bob, 'admin') },
  { does: 'makes an admin an owner', requiredBy: 'change_member_role', run: sql => changeRole(sql, adam, 'owner') },
  {
    does: 'adds a webhook',
    requiredBy: 'create_webhook',
    run: sql => sql`select private.create_webhook(${acme.id}, 'New', 'https://x.test/', '{ticket.created}', repeat('x', 16))`
  },
  {
    does: 'changes the URL of a webhook',
    requiredBy: 'tg_webhooks__require_recent_sign_in',
    run: sql => updateWebhook(sql, { name: 'Same', url: 'https://x.test/' })
  },
  {
    does: 'rotates the secret of a webhook',
    requiredBy: 'rotate_webhook_secret',
    run: sql => sql`select private.rotate_webhook_secret(${acme.id}, ${acme.webhook}, repeat('x', 16))`
  },
  {
    does: 'requests another reply address',
    requiredBy: 'request_reply_address',
    run: sql => sql`select private.request_reply_address(${acme.id}, 'help@mail.test', ${digest()})`
  }
]

describe('a recent sign-in', () => {
  test.each(attempts)('Ann $does only within 15 minutes of a sign-in', ({ run }) =>
    session(ann, async ({ sql, as, refusal }) => {
      await as(service, sql => ageSignIns(sql, ann, '15 minutes 1 second'))
      expect(await refusal(run)).toMatchObject(signInRequired)
      await as(service, sql => ageSignIns(sql, ann, '14 minutes 50 seconds'))
      await run(sql)
    })
  )

  test.each(attempts)('nobody $does without a live session or with an API key', ({ run }) =>
    session(ann, async ({ sql, refusal }) => {
      const claim = (claims: object) =>
        sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: ann.id, role: 'authenticated', ...claims })}, true)`
      await claim({})
      expect(await refusal(run)).toMatchObject(signInRequired)
      // An unknown session is in no team, and a key may manage nothing: both are refused before the sign-in is checked.
      // An update is not refused: it matches no row.
      for (const claims of [{ session_id: randomUUID() }, { api_key: { id: acme.apiKey, team_id: acme.id, scopes } }]) {
        await claim(claims)
        await expect(
          sql.savepoint(async sql => {
            const rows = (await run(sql)) as unknown[]
            if (rows.length === 0) throw Object.assign(new Error('No row'), { code: 'PT404' })
          }),
          JSON.stringify(claims)
        ).rejects.toMatchObject({ code: expect.stringMatching(/^PT40[34]$/) as string })
      }
    })
  )

  test.each([
    { does: 'revokes a key', run: (sql: TransactionSql) => sql`delete from api_keys where id = ${acme.apiKey} returning id` },
    {
      does: 'revokes an invitation',
      run: (sql: TransactionSql) => sql`delete from team_invitations where id = ${acme.invitation} returning id`
    },
    { does: 'lowers a role', run: (sql: TransactionSql) => changeRole(sql, adam, 'viewer') },
    { does: 'removes a member', run: (sql: TransactionSql) => sql`select private.remove_member(${acme.id}, ${bob.id})` },
    {
      does: 'switches a webhook off',
      run: (sql: TransactionSql) => updateWebhook(sql, { is_active: false, url: 'https://hooks.acme.test/ratings?key=in-the-address' })
    },
    { does: 'deletes a webhook', run: (sql: TransactionSql) => sql`delete from webhooks where id = ${acme.webhook} returning id` },
    { does: 'clears the reply address', run: (sql: TransactionSql) => sql`select private.clear_reply_address(${acme.id})` }
  ])('Ann $does without a recent sign-in', ({ run }) =>
    session(ann, async ({ sql, as }) => {
      await as(service, sql => ageSignIns(sql, ann, '1 day'))
      expect(await run(sql)).toHaveLength(1)
    })
  )
})

test('a caller without the permission is refused as forbidden and not asked to sign in again', () =>
  session(bob, async ({ sql, as, refusal }) => {
    await as(service, sql => ageSignIns(sql, bob, '1 day'))
    for (const { does, requiredBy, run } of attempts) {
      if (requiredBy === 'tg_webhooks__require_recent_sign_in') expect(await run(sql), does).toHaveLength(0)
      else expect(await refusal(run), does).toMatchObject({ code: 'PT403', detail: 'forbidden' })
    }
  }))

test('the server and its jobs change a webhook without a recent sign-in', () =>
  session(service, async ({ sql }) => {
    await sql`select set_config('role', 'service_role', true), set_config('request.jwt.claims', '{"role":"service_role"}', true)`
    expect(await sql`update webhooks set is_active = false where id = ${acme.webhook} returning id`).toHaveLength(1)
    await sql`select set_config('role', 'postgres', true)`
    expect(await updateWebhook(sql, { url: 'https://x.test/' })).toHaveLength(1)
  }))

test('every function that requires a recent sign-in is tested in this file', async () => {
  const functions = await as(
    service,
    sql => sql<{ name: string }[]>`
      select proname as name from pg_proc
      where pronamespace = 'private'::regnamespace and prosrc ~ 'perform private.require_recent_sign_in\\(\\)' order by 1`
  )
  expect(functions.map(({ name }) => name)).toEqual([...new Set(attempts.map(({ requiredBy }) => requiredBy))].toSorted())
})

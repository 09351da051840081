import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { api, auth, database, type Answer } from '../support/api.ts'
import { mailsTo, newAddress } from '../support/mail.ts'
import { product } from '../support/own-product.ts'

interface Tokens {
  access_token: string
  refresh_token: string
  user: { id: string }
}

const mallorysPassword = 'mallory knows this one'
const annsPassword = 'a password of ann alone'

const signUp = (email: string, password: string) => auth('/signup', { email, password, data: { full_name: 'Whoever' } })
const signIn = (email: string, password: string) => auth<Tokens>('/token?grant_type=password', { email, password })

/**
 * Waits until an address has received `count` mails and returns the token in the newest link. The mail with it need not be the newest: a
 * notice may arrive after the link that was asked for later.
 */
async function newestLinkToken(email: string, count: number): Promise<{ type: string; token_hash: string }> {
  const links = (await mailsTo(email, count)).map(({ text }) => /https?:\/\/\S+\/auth\/confirm\S+/.exec(text)?.[0])
  const { searchParams } = new URL(links.find(Boolean)!)
  return { type: searchParams.get('type')!, token_hash: searchParams.get('token_hash')! }
}

function putUser(tokens: Tokens, body: object): Promise<Response> {
  const { supabaseUrl, publishableKey } = product()
  return fetch(`${supabaseUrl}/auth/v1/user`, {
    method: 'PUT',
    headers: { 'apikey': publishableKey, 'content-type': 'application/json', 'authorization': `Bearer ${tokens.access_token}` },
    body: JSON.stringify(body)
  })
}

async function expectOnlyAnnsPassword(email: string, confirmed: Answer<Tokens>): Promise<void> {
  expect(confirmed.status, JSON.stringify(confirmed.body)).toBe(200)
  // No password works until the owner of the mailbox has chosen one, no matter who signed up with it.
  for (const password of [mallorysPassword, annsPassword]) expect((await signIn(email, password)).status, password).toBe(400)
  // Choosing the first password asks for no current one.
  expect((await putUser(confirmed.body, { password: annsPassword })).status).toBe(200)
  await signUp(email, mallorysPassword) // a later sign-up must not change the password
  expect((await signIn(email, mallorysPassword)).status).toBe(400)
  expect((await signIn(email, annsPassword)).status).toBe(200)
}

/** Actions on one address. M is Mallory, who cannot read its mail; A is Ann, who owns the mailbox. */
const steps: Record<string, (email: string) => Promise<unknown>> = {
  'M signs up': email => signUp(email, mallorysPassword),
  'A signs up': email => signUp(email, annsPassword),
  'M asks for a link': email => auth('/otp', { email, create_user: true }),
  'A asks for a link': email => auth('/otp', { email, create_user: true, data: { full_name: 'Ann' } }),
  'A forgot the password': email => auth('/recover', { email }),
  'M asks for the mail again': email => auth('/resend', { type: 'signup', email })
}

describe('confirming an address', () => {
  test.each(
    [
      ['M signs up'],
      ['A signs up'],
      ['M signs up', 'A signs up'],
      ['A signs up', 'M signs up'],
      ['M signs up', 'A signs up', 'M signs up'],
      ['A signs up', 'M signs up', 'A signs up'],
      ['M signs up', 'A asks for a link'],
      ['A asks for a link', 'M signs up'],
      ['M asks for a link', 'A signs up'],
      ['M signs up', 'A forgot the password'],
      ['M signs up', 'M asks for the mail again']
    ].map(order => [order.join(', '), order] as const)
  )('a password set before the address is confirmed does not work (%s)', async (_, order) => {
    const email = newAddress('victim')
    let mails = 0
    for (const step of order) {
      await steps[step]!(email)
      await mailsTo(email, ++mails) // wait for each mail: two mails in flight may arrive in the other order
    }
    await expectOnlyAnnsPassword(email, await auth<Tokens>('/verify', await newestLinkToken(email, mails)))
  })

  test('sessions, refresh tokens and identities from before the confirmation stop working', async () => {
    const email = newAddress('victim')
    await signUp(email, mallorysPassword)
    const [{ id }] = await database()<[{ id: string }]>`select id from auth.users where email = ${email}`
    // Inserted directly: it does not matter how an attacker got them.
    const [{ id: sessionId }] = await database()<
      [{ id: string }]
    >`insert into auth.sessions (id, user_id) values (gen_random_uuid(), ${id}) returning id`
    await database()`insert into auth.refresh_tokens (id, token, user_id, session_id, revoked) values (${randomUUID()}, 'mallorysown1', ${id}, ${sessionId}, false)`
    await database()`insert into auth.identities (id, provider, provider_id, user_id, identity_data) values (gen_random_uuid(), 'github', 'mallory', ${id}, ${database().json({ sub: 'mallory', email })})`
    const confirmed = await auth<Tokens>('/verify', await newestLinkToken(email, 1))
    await expectOnlyAnnsPassword(email, confirmed)
    expect((await auth('/token?grant_type=refresh_token', { refresh_token: 'mallorysown1' })).status).toBe(400)
    expect(await database()`select from auth.sessions where id = ${sessionId}`).toHaveLength(0)
    expect(
      (await database()`select provider from auth.identities where user_id = ${id}`).map(({ provider }) => provider as string)
    ).toEqual(['email'])
    expect(
      (await api(null, 'GET', '/profile', undefined, { headers: { authorization: `Bearer ${confirmed.body.access_token}` } })).status
    ).toBe(200)
  })

  test("confirming a change of address revokes the account's password, tokens and recovery links", async () => {
    const [hers, victims] = [newAddress('mallory'), newAddress('victim')]
    await signUp(hers, mallorysPassword)
    const mallory = (await auth<Tokens>('/verify', await newestLinkToken(hers, 1))).body
    expect((await putUser(mallory, { password: mallorysPassword })).status).toBe(200)
    await auth('/recover', { email: hers })
    const recovery = await newestLinkToken(hers, 3) // mail 2 is the notice of the changed password
    expect((await putUser(mallory, { email: victims, current_password: mallorysPassword })).status).toBe(200)
    const confirmed = await auth<Tokens>('/verify', await newestLinkToken(victims, 1))
    await expectOnlyAnnsPassword(victims, confirmed)
    expect((await signIn(hers, mallorysPassword)).status).toBe(400)
    expect((await auth('/token?grant_type=refresh_token', { refresh_token: mallory.refresh_token })).status).toBe(400)
    expect((await api(null, 'GET', '/profile', undefined, { headers: { authorization: `Bearer ${mallory.access_token}` } })).status).toBe(
      401
    )
    expect((await auth('/verify', recovery)).status).toBe(403)
  })

  test('an account that an administrator created and confirmed keeps its password', async () => {
    const email = newAddress('made')
    await database()`insert into auth.users (id, email, encrypted_password, raw_app_meta_data, raw_user_meta_data) values (gen_random_uuid(), ${email}, extensions.crypt(${annsPassword}, extensions.gen_salt('bf', 4)), '{}', '{}')`
    // As Confirm() in admin.go does after the insert.
    await database()`update auth.users set email_confirmed_at = now() where email = ${email}`
    expect((await signIn(email, annsPassword)).status).toBe(200)
  })
})

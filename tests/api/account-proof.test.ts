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

const mallorys = 'mallory knows this one'
const anns = 'a password of ann alone'

const signUp = (email: string, password: string) => auth('/signup', { email, password, data: { full_name: 'Whoever' } })
const signIn = (email: string, password: string) => auth<Tokens>('/token?grant_type=password', { email, password })

/** The secret of the newest mail to an address, once there are `count`. */
async function linkTo(email: string, count: number): Promise<{ type: string; token_hash: string }> {
  const mail = (await mailsTo(email, count))[0]!
  const { searchParams } = new URL(/https?:\/\/\S+\/auth\/confirm\S+/.exec(mail.text)![0])
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

async function expectAnnsAlone(email: string, confirmed: Answer<Tokens>): Promise<void> {
  expect(confirmed.status, JSON.stringify(confirmed.body)).toBe(200)
  // No password works before the person behind the mailbox has chosen one, whoever sent it …
  for (const password of [mallorys, anns]) expect((await signIn(email, password)).status, password).toBe(400)
  // … which takes no current one: there is none.
  expect((await putUser(confirmed.body, { password: anns })).status).toBe(200)
  await signUp(email, mallorys) // once more, after all was done
  expect((await signIn(email, mallorys)).status).toBe(400)
  expect((await signIn(email, anns)).status).toBe(200)
}

/** What somebody does with an address: M is mallory, who never sees its mail, A is ann, whose it is. */
const steps: Record<string, (email: string) => Promise<unknown>> = {
  'M signs up': email => signUp(email, mallorys),
  'A signs up': email => signUp(email, anns),
  'M asks for a link': email => auth('/otp', { email, create_user: true }),
  'A asks for a link': email => auth('/otp', { email, create_user: true, data: { full_name: 'Ann' } }),
  'A forgot the password': email => auth('/recover', { email }),
  'M asks for the mail again': email => auth('/resend', { type: 'signup', email })
}

describe('after the mailbox is proven no password of somebody else works', () => {
  test.each([
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
  ])('%s %s %s', async (...order) => {
    const email = newAddress('victim')
    let mails = 0
    for (const step of order.filter(Boolean)) {
      await steps[step!]!(email)
      await mailsTo(email, ++mails) // two mails on their way at once may overtake each other
    }
    await expectAnnsAlone(email, await auth<Tokens>('/verify', await linkTo(email, mails)))
  })

  test('nor a session, a refresh token or an identity of before', async () => {
    const email = newAddress('victim')
    await signUp(email, mallorys)
    const [{ id }] = await database()<[{ id: string }]>`select id from auth.users where email = ${email}`
    // However somebody may have come by them.
    const [{ id: sessionId }] = await database()<
      [{ id: string }]
    >`insert into auth.sessions (id, user_id) values (gen_random_uuid(), ${id}) returning id`
    await database()`insert into auth.refresh_tokens (id, token, user_id, session_id, revoked) values (${randomUUID()}, 'mallorysown1', ${id}, ${sessionId}, false)`
    await database()`insert into auth.identities (id, provider, provider_id, user_id, identity_data) values (gen_random_uuid(), 'github', 'mallory', ${id}, ${database().json({ sub: 'mallory', email })})`
    const confirmed = await auth<Tokens>('/verify', await linkTo(email, 1))
    await expectAnnsAlone(email, confirmed)
    expect((await auth('/token?grant_type=refresh_token', { refresh_token: 'mallorysown1' })).status).toBe(400)
    expect(await database()`select from auth.sessions where id = ${sessionId}`).toHaveLength(0)
    expect(
      (await database()`select provider from auth.identities where user_id = ${id}`).map(({ provider }) => provider as string)
    ).toEqual(['email'])
    expect(
      (await api(null, 'GET', '/profile', undefined, { headers: { authorization: `Bearer ${confirmed.body.access_token}` } })).status
    ).toBe(200)
  })

  test("nor after mallory's account takes the address over by a change of address", async () => {
    const [hers, victims] = [newAddress('mallory'), newAddress('victim')]
    await signUp(hers, mallorys)
    const mallory = (await auth<Tokens>('/verify', await linkTo(hers, 1))).body
    expect((await putUser(mallory, { password: mallorys })).status).toBe(200)
    await auth('/recover', { email: hers })
    const recovery = await linkTo(hers, 3) // the second says that the password was changed
    expect((await putUser(mallory, { email: victims, current_password: mallorys })).status).toBe(200)
    const confirmed = await auth<Tokens>('/verify', await linkTo(victims, 1))
    await expectAnnsAlone(victims, confirmed)
    expect((await signIn(hers, mallorys)).status).toBe(400)
    expect((await auth('/token?grant_type=refresh_token', { refresh_token: mallory.refresh_token })).status).toBe(400)
    expect((await api(null, 'GET', '/profile', undefined, { headers: { authorization: `Bearer ${mallory.access_token}` } })).status).toBe(
      401
    )
    expect((await auth('/verify', recovery)).status).toBe(403)
  })

  test('though an account that an administrator made and confirmed keeps its password', async () => {
    const email = newAddress('made')
    await database()`insert into auth.users (id, email, encrypted_password, raw_app_meta_data, raw_user_meta_data) values (gen_random_uuid(), ${email}, extensions.crypt(${anns}, extensions.gen_salt('bf', 4)), '{}', '{}')`
    await database()`update auth.users set email_confirmed_at = now() where email = ${email}` // admin.go: Confirm() after the insert
    expect((await signIn(email, anns)).status).toBe(200)
  })
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseLink, newAddress, signUpConfirmed, siteUrl, startAuthBackend, type AuthBackend } from './support/auth.ts'

const password = 'correct horse battery'
let backend: AuthBackend

beforeAll(async () => {
  backend = await startAuthBackend()
})
afterAll(() => backend.stop())

const admin = () => backend.client(backend.stack.env.SUPABASE_SECRET_KEY).auth.admin

async function createAccount(): Promise<{ id: string; email: string }> {
  const email = newAddress('gone')
  const { data } = await (await signUpConfirmed(backend, email, password)).auth.getUser()
  return { id: data.user!.id, email }
}

describe('the admin API', () => {
  test('the admin API deletes an account and its sessions', async () => {
    const { id, email } = await createAccount()
    expect((await admin().getUserById(id)).data.user).toMatchObject({ id, email })
    expect((await admin().listUsers({ perPage: 1000 })).data.users.map(user => user.id)).toContain(id)
    expect((await admin().deleteUser(id)).error).toBeNull()
    expect((await admin().getUserById(id)).error).toMatchObject({ status: 404, code: 'user_not_found' })
    expect((await backend.client().auth.signInWithPassword({ email, password })).error?.code).toBe('invalid_credentials')
    expect(await backend.sql`select from auth.sessions where user_id = ${id}`).toHaveLength(0)
    expect((await admin().deleteUser(id)).error).toMatchObject({ status: 404, code: 'user_not_found' })
  })

  test('a soft delete keeps the row, hashes its address, and frees the address for a new sign-up', async () => {
    const { id, email } = await createAccount()
    expect((await admin().deleteUser(id, true)).error).toBeNull()
    const [row] = await backend.sql<
      { email: string; deleted: boolean }[]
    >`select email, deleted_at is not null as deleted from auth.users where id = ${id}`
    expect(row).toMatchObject({ deleted: true, email: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
    expect((await backend.client().auth.signInWithPassword({ email, password })).error?.code).toBe('invalid_credentials')
    const again = await backend.client().auth.signUp({ email, password })
    expect(again.error).toBeNull()
    const { type, token_hash } = parseLink((await backend.mails(email, 2))[0])
    const { data } = await backend.client().auth.verifyOtp({ type, token_hash })
    expect(data.user).toMatchObject({ email })
    expect(data.user!.id).not.toBe(id)
  })

  test('the admin API refuses a user token, the publishable key, a forged token and no token', async () => {
    const { id, email } = await createAccount()
    const client = backend.client()
    const { data } = await client.auth.signInWithPassword({ email, password })
    const call = (headers: Record<string, string>, path = `/admin/users/${id}`, method = 'DELETE') =>
      backend.call(path, undefined, { method, body: null, headers })
    for (const path of ['/admin/users', `/admin/users/${id}`]) expect((await call({}, path, 'GET')).status).toBe(401)
    expect((await call({})).status).toBe(401)
    for (const bearer of [data.session!.access_token, backend.stack.env.SUPABASE_KEY, 'x.y.z']) {
      const response = await call({ authorization: `Bearer ${bearer}` })
      expect([response.status, ((await response.json()) as { error_code: string }).error_code]).toEqual([403, 'not_admin'])
    }
    expect(await backend.sql`select from auth.users where id = ${id}`).toHaveLength(1)
  })

  test('the admin API answers 404 for a malformed and for an unknown user id', async () => {
    const headers = { authorization: `Bearer ${backend.stack.env.SUPABASE_SECRET_KEY}` }
    for (const id of ['x', `${randomUUID()}x`, '%00', '..'])
      expect(
        (await backend.call(`/admin/users/${encodeURIComponent(id)}`, undefined, { method: 'DELETE', body: null, headers })).status,
        id
      ).toBe(404)
    expect((await admin().deleteUser(randomUUID())).error).toMatchObject({ status: 404, code: 'user_not_found' })
  })
})

describe('the admin API generates links', () => {
  const generate = (type: 'magiclink' | 'recovery' | 'invite', email: string, redirectTo?: string) =>
    admin().generateLink({ type, email, ...(redirectTo ? { options: { redirectTo } } : {}) })

  test('a magic link for a known address signs its account in, once, and nothing is mailed', async () => {
    const { id, email } = await createAccount()
    const before = (await backend.mails(email, 0)).length
    const { data, error } = await generate('magiclink', email)
    expect(error).toBeNull()
    expect(data.user).toMatchObject({ id, email })
    expect(data.properties).toMatchObject({
      verification_type: 'magiclink',
      email_otp: expect.stringMatching(/^\d{6}$/) as string,
      hashed_token: expect.stringMatching(/^[0-9a-f]{56,64}$/) as string
    })
    const { hashed_token: token_hash } = data.properties!
    const verified = await backend.client().auth.verifyOtp({ type: 'email', token_hash })
    expect(verified.data.user).toMatchObject({ id })
    expect((await backend.client().auth.verifyOtp({ type: 'email', token_hash })).error).toMatchObject({ code: 'otp_expired' })
    expect(await backend.mails(email, 0)).toHaveLength(before)
  })

  test('a magic link for an unknown address adds an account, which the link confirms', async () => {
    const email = newAddress('fresh')
    const { data } = await generate('magiclink', email.toUpperCase())
    expect(data.properties).toMatchObject({ verification_type: 'signup' })
    expect(data.user).toMatchObject({ email })
    const { data: verified } = await backend.client().auth.verifyOtp({ type: 'email', token_hash: data.properties!.hashed_token })
    expect(verified.user).toMatchObject({ id: data.user!.id, email })
    expect(verified.user!.email_confirmed_at).toBeTruthy()
    expect(verified.session).not.toBeNull()
  })

  test('the code of a link is verified with its address', async () => {
    const { email } = await createAccount()
    const { data } = await generate('magiclink', email)
    const verified = await backend.client().auth.verifyOtp({ type: 'email', email, token: data.properties!.email_otp })
    expect(verified.error).toBeNull()
  })

  test('a recovery link needs an account, an invitation one that is not confirmed', async () => {
    expect((await generate('recovery', newAddress('nobody'))).error).toMatchObject({ status: 404, code: 'user_not_found' })
    const { email } = await createAccount()
    expect((await generate('recovery', email)).data.properties).toMatchObject({ verification_type: 'recovery' })
    expect((await generate('invite', email)).error).toMatchObject({ status: 422, code: 'email_exists' })
  })

  test('a link leads to pages of this site only', async () => {
    const { email } = await createAccount()
    const { data } = await generate('magiclink', email, 'https://elsewhere.test/x')
    expect(data.properties!.redirect_to).toBe(siteUrl)
    expect((await generate('magiclink', email, `${siteUrl}/portal/acme`)).data.properties!.redirect_to).toBe(`${siteUrl}/portal/acme`)
  })

  test('refuses bad types, bad addresses and callers without the secret key', async () => {
    const headers = { authorization: `Bearer ${backend.stack.env.SUPABASE_SECRET_KEY}` }
    const attempt = async (body: unknown, given: Record<string, string> = headers) => {
      const response = await backend.call('/admin/generate_link', body, { headers: given })
      return [response.status, ((await response.json()) as { error_code: string }).error_code]
    }
    expect(await attempt({ type: 'magic', email: newAddress('x') })).toEqual([400, 'validation_failed'])
    expect(await attempt({ type: 'magiclink', email: 'nobody' })).toEqual([400, 'validation_failed'])
    expect(await attempt({ type: 'magiclink', email: newAddress('x') }, {})).toEqual([401, 'no_authorization'])
    expect(await attempt({ type: 'magiclink', email: newAddress('x') }, { authorization: 'Bearer x.y.z' })).toEqual([403, 'not_admin'])
  })
})

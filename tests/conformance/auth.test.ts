import { decodeJwt, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, startStack } from '../../supabase/embedded/stack.ts'
import { parseLink, newAddress, signInFrom, signUpConfirmed, siteUrl, startAuthBackend, type AuthBackend } from './support/auth.ts'

const password = 'correct horse battery'
let backend: AuthBackend

beforeAll(async () => {
  backend = await startAuthBackend()
})

afterAll(async () => {
  await backend.stop()
})

describe('sign-up', () => {
  test('sign-up gives a session only after the mailed link confirmed the address', async () => {
    const email = newAddress('ann')
    const client = backend.client()
    const signUp = await client.auth.signUp({ email: email.toUpperCase(), password, options: { data: { name: 'Ann "A"' } } })
    expect(signUp.error).toBeNull()
    expect(signUp.data.session).toBeNull()
    expect((await client.auth.signInWithPassword({ email, password })).error?.code).toBe('email_not_confirmed')

    const mails = await backend.mails(email)
    expect(mails).toHaveLength(1)
    expect(mails[0]).toMatchObject({ subject: 'Confirm your email address', to: [email] })
    expect(mails[0]?.html).toContain(`href="${siteUrl}/auth/confirm?token_hash=`)
    const { type, token_hash } = parseLink(mails[0])
    expect(type).toBe('signup')
    const verified = await client.auth.verifyOtp({ type, token_hash })
    expect(verified.data.session?.user.email).toBe(email)
    expect((await client.auth.signInWithPassword({ email, password })).error).toBeNull()
  })

  test('sign-up stores the name in raw_user_meta_data and ignores role, app_metadata and email_confirmed_at', async () => {
    const email = newAddress('mallory')
    await backend.call('/signup', {
      email,
      password,
      data: { name: 'Mallory' },
      role: 'service_role',
      app_metadata: { role: 'owner' },
      email_confirmed_at: '2020-01-01'
    })
    const [user] =
      await backend.sql`select raw_user_meta_data ->> 'name' as name, raw_app_meta_data as app, role, email_confirmed_at from auth.users where email = ${email}`
    expect(user).toEqual({
      name: 'Mallory',
      app: { provider: 'email', providers: ['email'] },
      role: 'authenticated',
      email_confirmed_at: null
    })
  })

  test('the link of a sign-up mail carries the redirect to a page of the site', async () => {
    const email = newAddress()
    await backend.client().auth.signUp({ email, password, options: { emailRedirectTo: `${siteUrl}/invitations/abc?x=1` } })
    expect(parseLink((await backend.mails(email))[0]).next).toBe('/invitations/abc?x=1')
  })

  test.each([
    'https://evil.test/x',
    '//evil.test',
    '/.//evil.test',
    '/..//evil.test',
    '/\\evil.test',
    '\\\\evil.test',
    '/\t/evil.test',
    '/\n/evil.test',
    'javascript:alert(1)',
    'evil.test',
    '',
    `${siteUrl}//evil.test`,
    `${siteUrl}/.//evil.test`,
    `${siteUrl}/a/..//evil.test`,
    `${siteUrl}/%2e//evil.test`,
    `${siteUrl}/a/%2e%2e//evil.test`,
    `${siteUrl}/\\evil.test`,
    `${siteUrl}/\t/evil.test`,
    `${siteUrl}\\@evil.test`,
    `${siteUrl}@evil.test/`,
    `${siteUrl}.evil.test/`,
    'http://localhost:3999:80@evil.test/',
    'http:localhost:3999//evil.test',
    `${siteUrl}/\u2028/evil.test`,
    'http://user:word@localhost:3999/tickets',
    '/tickets',
    `${siteUrl}/auth/confirm?token_hash=x`,
    `${siteUrl}/./auth/confirm?token_hash=x`,
    `${siteUrl}/`
  ])('the link of a sign-up mail carries no redirect to %j', async redirectTo => {
    const email = newAddress()
    expect((await backend.call(`/signup?redirect_to=${encodeURIComponent(redirectTo)}`, { email, password })).status).toBe(200)
    expect(parseLink((await backend.mails(email))[0]).next).toBeNull()
  })

  test('sign-up answers alike for a known and a new address, and mails a confirmed account nothing', async () => {
    const email = newAddress('known')
    await signUpConfirmed(backend, email, password)
    const known = await backend.call('/signup', { email, password: 'another password', data: { name: 'x' } })
    const fresh = await backend.call('/signup', { email: newAddress('known'), password: 'another password', data: { name: 'x' } })
    expect(known.status).toBe(fresh.status)
    const [knownBody, freshBody] = [await known.json(), await fresh.json()]
    expect(describeShape(knownBody)).toEqual(describeShape(freshBody))
    expect(headerNames(known)).toEqual(headerNames(fresh))
    expect((await backend.client().auth.signInWithPassword({ email, password: 'another password' })).error?.code).toBe(
      'invalid_credentials'
    )
    expect((await backend.client().auth.signInWithPassword({ email, password })).error).toBeNull()
    expect(await backend.mails(email)).toHaveLength(1)
  })

  // signup.go:197, "do not update the user because we can't be sure of their claimed identity", and models/user.go, Confirm():
  // the password of the first sign-up survives. The product's migrations end that password: tests/api/account-proof.test.ts.
  test('an unconfirmed account keeps its first password after a second sign-up and a confirmation', async () => {
    const email = newAddress('victim')
    await backend.client().auth.signUp({ email, password: 'the attackers own', options: { data: { name: 'First' } } })
    const first = parseLink((await backend.mails(email))[0])
    const again = await backend.client().auth.signUp({ email, password, options: { data: { name: 'Second' } } })
    const [user] = await backend.sql`select id, raw_user_meta_data ->> 'name' as name from auth.users where email = ${email}`
    expect(again.data.user?.id).toBe(user!.id)
    expect(user!.name).toBe('First')
    const second = parseLink((await backend.mails(email, 2))[0])
    expect((await backend.client().auth.verifyOtp(first)).error?.code).toBe('otp_expired')
    expect((await backend.client().auth.verifyOtp(second)).error).toBeNull()
    expect((await backend.client().auth.signInWithPassword({ email, password })).error?.code).toBe('invalid_credentials')
    expect((await backend.client().auth.signInWithPassword({ email, password: 'the attackers own' })).error).toBeNull()
  })

  // magic_link.go:82: an unconfirmed account gets the mail of a sign-up.
  test('an unconfirmed account that asks for a magic link gets a sign-up mail and keeps its password', async () => {
    const email = newAddress('victim')
    await backend.client().auth.signUp({ email, password })
    await backend.mails(email) // waits: mails that are sent concurrently may arrive in either order
    await backend.client().auth.signInWithOtp({ email })
    const link = parseLink((await backend.mails(email, 2))[0])
    expect(link.type).toBe('signup')
    expect((await backend.client().auth.verifyOtp(link)).error).toBeNull()
    expect((await backend.client().auth.signInWithPassword({ email, password })).error).toBeNull()
  })

  // verify.go, recoverVerify(): a reset link confirms the address and does not change the password.
  test('a reset link confirms an account, keeps its password and invalidates its other links', async () => {
    const email = newAddress('victim')
    await backend.client().auth.signUp({ email, password })
    const confirmation = parseLink((await backend.mails(email))[0])
    await backend.client().auth.resetPasswordForEmail(email)
    const link = parseLink((await backend.mails(email, 2))[0])
    expect(link.type).toBe('recovery')
    expect((await backend.client().auth.verifyOtp(link)).error).toBeNull()
    expect((await backend.client().auth.verifyOtp(confirmation)).error?.code).toBe('otp_expired')
    expect((await backend.client().auth.signInWithPassword({ email, password })).error).toBeNull()
  })

  test('sign-up refuses passwords under 8 characters and over 72 bytes, the most that bcrypt reads', async () => {
    const email = newAddress()
    expect((await backend.client().auth.signUp({ email, password: 'seven77' })).error?.code).toBe('weak_password')
    expect((await backend.client().auth.signUp({ email, password: 'ü'.repeat(37) })).error?.code).toBe('validation_failed')
    expect((await backend.client().auth.signUp({ email, password: 'correct horse battery '.repeat(4).slice(0, 72) })).error).toBeNull()
    expect((await backend.call('/signup', { email, password: 'x'.repeat(100_000) })).status).toBe(413)
  })

  test('resend mails a new confirmation link and invalidates the previous one', async () => {
    const email = newAddress()
    await backend.client().auth.signUp({ email, password })
    const first = parseLink((await backend.mails(email))[0])
    expect((await backend.client().auth.resend({ type: 'signup', email })).error).toBeNull()
    const second = parseLink((await backend.mails(email, 2))[0])
    expect((await backend.client().auth.verifyOtp(first)).error?.code).toBe('otp_expired')
    expect((await backend.client().auth.verifyOtp(second)).error).toBeNull()
  })
})

describe('mail links', () => {
  test('a magic link signs in once', async () => {
    const email = newAddress()
    await signUpConfirmed(backend, email, password)
    const client = backend.client()
    expect((await client.auth.signInWithOtp({ email, options: { shouldCreateUser: false } })).error).toBeNull()
    const link = parseLink((await backend.mails(email, 2))[0])
    expect(link.type).toBe('magiclink')
    expect((await client.auth.verifyOtp(link)).data.session?.user.email).toBe(email)
    expect((await backend.client().auth.verifyOtp(link)).error?.code).toBe('otp_expired')
  })

  test('a magic link for a new address creates an account that stays unconfirmed until the link is used', async () => {
    const email = newAddress()
    await backend.client().auth.signInWithOtp({ email, options: { data: { name: 'Nina' } } })
    expect([
      ...(await backend.sql`select email_confirmed_at, raw_user_meta_data ->> 'name' as name from auth.users where email = ${email}`)
    ]).toEqual([{ email_confirmed_at: null, name: 'Nina' }])
    expect((await backend.client().auth.verifyOtp(parseLink((await backend.mails(email))[0]))).data.session?.user.email).toBe(email)
  })

  test('GET requests do not consume a mail link', async () => {
    const email = newAddress()
    await backend.client().auth.signUp({ email, password })
    const link = parseLink((await backend.mails(email))[0])
    for (let scan = 0; scan < 5; scan++) {
      const response = await backend.call(`/verify?token=${link.token_hash}&type=signup&redirect_to=${siteUrl}`, undefined, {
        method: 'GET',
        body: null,
        redirect: 'manual'
      })
      expect(response.status).toBe(404)
    }
    expect((await backend.client().auth.verifyOtp({ type: 'email', token_hash: link.token_hash })).error).toBeNull()
  })

  test('a reset link allows a new password without the current one, and the change ends all other sessions', async () => {
    const email = newAddress()
    const elsewhere = await signUpConfirmed(backend, email, password)
    const client = backend.client()
    expect((await client.auth.resetPasswordForEmail(email)).error).toBeNull()
    await client.auth.verifyOtp(parseLink((await backend.mails(email, 2))[0]))
    expect((await client.auth.updateUser({ password: 'a whole new one' })).error).toBeNull()
    expect((await client.auth.getUser()).error).toBeNull()
    expect((await elsewhere.auth.refreshSession()).error?.code).toBe('refresh_token_not_found')
    expect((await backend.client().auth.signInWithPassword({ email, password })).error?.code).toBe('invalid_credentials')
    expect((await backend.client().auth.signInWithPassword({ email, password: 'a whole new one' })).error).toBeNull()
  })

  test.each([
    ['/recover', {}],
    ['/otp', { create_user: false }],
    ['/resend', { type: 'signup' }]
  ])('%s answers alike for an address with and without an account', async (path, extra) => {
    const [known, unknown] = [newAddress('known'), newAddress('unknown')]
    await signUpConfirmed(backend, known, password)
    const answers = await Promise.all([known, unknown].map(email => backend.call(path, { email, ...extra })))
    expect(answers.map(answer => answer.status)).toEqual([200, 200])
    expect(await answers[0]!.text()).toBe(await answers[1]!.text())
    expect(headerNames(answers[0]!)).toEqual(headerNames(answers[1]!))
    expect(await backend.mails(unknown, 0)).toEqual([])
  })

  test('a change of address takes effect when the link in the new mailbox is used', async () => {
    const [email, other] = [newAddress(), newAddress('new')]
    const client = await signUpConfirmed(backend, email, password)
    expect((await client.auth.updateUser({ email: other })).error?.code).toBe('current_password_required')
    expect((await client.auth.updateUser({ email: other, current_password: password })).error).toBeNull()
    expect((await client.auth.getUser()).data.user?.email).toBe(email)
    const link = parseLink((await backend.mails(other))[0])
    expect(link.type).toBe('email_change')
    expect((await client.auth.verifyOtp(link)).error).toBeNull()
    expect((await backend.client().auth.signInWithPassword({ email: other, password })).error).toBeNull()
  })
})

describe('sessions', () => {
  test('an access token has the claims of GoTrue, is signed with the secret of this install and expires after an hour', async () => {
    const client = await signUpConfirmed(backend, newAddress(), password)
    const {
      data: { session }
    } = await client.auth.getSession()
    const { payload } = await jwtVerify(session!.access_token, new TextEncoder().encode(backend.stack.env.SUPABASE_JWT_SECRET), {
      audience: 'authenticated'
    })
    expect(payload).toMatchObject({
      sub: session!.user.id,
      role: 'authenticated',
      email: session!.user.email,
      session_id: expect.any(String)
    })
    expect(payload.exp! - payload.iat!).toBe(3600)
    // tokens/service.go, AccessTokenClaims
    expect(payload).toMatchObject({
      iss: `${backend.stack.env.SUPABASE_URL}/auth/v1`,
      aal: 'aal1',
      is_anonymous: false,
      phone: '',
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: { email: session!.user.email },
      amr: [{ method: 'otp', timestamp: expect.any(Number) }]
    })
  })

  test('the amr claim has the method and time of the sign-in, and a refresh changes neither', async () => {
    const email = newAddress()
    await signUpConfirmed(backend, email, password)
    const client = backend.client()
    await client.auth.signInWithPassword({ email, password })
    const amrOf = async () =>
      decodeJwt((await client.auth.getSession()).data.session!.access_token).amr as { method: string; timestamp: number }[]
    const before = await amrOf()
    expect(before).toEqual([{ method: 'password', timestamp: expect.any(Number) }])
    expect(Math.abs(before[0]!.timestamp - Date.now() / 1000)).toBeLessThan(60)
    await backend.sql`update auth.mfa_amr_claims set updated_at = updated_at - interval '20 minutes' where authentication_method = 'password'`
    expect((await client.auth.refreshSession()).error).toBeNull()
    expect(await amrOf()).toEqual([{ method: 'password', timestamp: before[0]!.timestamp - 1200 }])
  })

  test('a sign-out without a scope ends all sessions of the user', async () => {
    const email = newAddress()
    const [client, elsewhere] = [await signUpConfirmed(backend, email, password), backend.client()]
    await elsewhere.auth.signInWithPassword({ email, password })
    const {
      data: { session }
    } = await client.auth.getSession()
    expect((await backend.call('/logout', {}, { headers: { authorization: `Bearer ${session!.access_token}` } })).status).toBe(204)
    expect((await elsewhere.auth.getUser()).error?.name).toBe('AuthSessionMissingError')
  })

  test('a session survives twenty concurrent uses of the same refresh token', async () => {
    const client = await signUpConfirmed(backend, newAddress(), password)
    const {
      data: { session }
    } = await client.auth.getSession()
    const refreshes = await Promise.all(
      Array.from({ length: 20 }, () => backend.client().auth.refreshSession({ refresh_token: session!.refresh_token }))
    )
    for (const { error, data } of refreshes) {
      expect(error).toBeNull()
      expect((await backend.client().auth.getUser(data.session!.access_token)).error).toBeNull()
    }
  })

  test('after a sign-out the auth server refuses the access token and the refresh token', async () => {
    const client = await signUpConfirmed(backend, newAddress(), password)
    const {
      data: { session }
    } = await client.auth.getSession()
    expect((await client.auth.signOut()).error).toBeNull()
    expect((await backend.client().auth.refreshSession({ refresh_token: session!.refresh_token })).error?.code).toBe(
      'refresh_token_not_found'
    )
    expect((await backend.client().auth.getUser(session!.access_token)).error?.name).toBe('AuthSessionMissingError')
  })

  test('a change of password requires the current one and ends all other sessions', async () => {
    const email = newAddress()
    const [client, elsewhere] = [await signUpConfirmed(backend, email, password), backend.client()]
    await elsewhere.auth.signInWithPassword({ email, password })
    expect((await client.auth.updateUser({ password: 'a whole new one' })).error?.code).toBe('current_password_required')
    expect((await client.auth.updateUser({ password: 'a whole new one', current_password: 'wrong one' })).error?.code).toBe(
      'current_password_invalid'
    )
    expect((await client.auth.updateUser({ password: 'a whole new one', current_password: password })).error).toBeNull()
    expect((await client.auth.getUser()).error).toBeNull()
    expect((await elsewhere.auth.getUser()).error?.name).toBe('AuthSessionMissingError')
  })

  test('a banned account gets no session and loses those it has', async () => {
    const email = newAddress()
    const client = await signUpConfirmed(backend, email, password)
    await backend.sql`update auth.users set banned_until = now() + interval '1 day' where email = ${email}`
    expect((await backend.client().auth.signInWithPassword({ email, password })).error?.code).toBe('user_banned')
    // auth.go:37, tokens/service.go:217: a session from before the ban is refused too
    expect((await client.auth.getUser()).error?.code).toBe('user_banned')
    expect((await client.auth.refreshSession()).error?.code).toBe('user_banned')
    await client.auth.resetPasswordForEmail(email)
    expect((await backend.client().auth.verifyOtp(parseLink((await backend.mails(email, 2))[0]))).error?.code).toBe('user_banned')
  })

  test('an anonymous sign-in is refused', async () => {
    expect((await backend.client().auth.signInAnonymously()).error?.status).toBe(400)
  })
})

describe('rate limits of auth', () => {
  let strict: AuthBackend

  beforeAll(async () => {
    strict = await startAuthBackend({ rateLimitFactor: 1 })
  })

  afterAll(async () => {
    await strict.stop()
  })

  const guess = (email: string, guessed: string, localAddress: string) => signInFrom(strict, localAddress, email, guessed)

  test('the eleventh password for an account from one network in 15 minutes gets 429, in any spelling of the address', async () => {
    const [email, bystander] = [newAddress('target'), newAddress('bystander')]
    await signUpConfirmed(strict, email, password)
    await signUpConfirmed(strict, bystander, password)
    const spellings = [email, email.toUpperCase(), ` ${email} `]
    const guesses = await Promise.all(
      Array.from({ length: 10 }, (_, guess) =>
        strict.call(
          '/token?grant_type=password',
          { email: spellings[guess % 3], password: `guess ${guess}` },
          { headers: { 'x-forwarded-for': `10.0.0.${guess}` } }
        )
      )
    )
    expect(guesses.map(guess => guess.status)).toEqual(Array.from({ length: 10 }, () => 400))
    const refused = await strict.call('/token?grant_type=password', { email, password }, { headers: { 'x-forwarded-for': '10.9.9.9' } })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(800)
    expect(await refused.json()).toMatchObject({ code: 429, error_code: 'over_request_rate_limit', msg: expect.any(String) })
    expect((await strict.client().auth.signInWithPassword({ email: bystander, password })).error).toBeNull()
    expect(await guess(email, password, '127.0.0.2')).toBe(200) // the owner on another network
  })

  test('100 failed passwords from many networks reduce the limit to 3 per network, and another network can sign in', async () => {
    const email = newAddress('target')
    await signUpConfirmed(strict, email, password)
    const statuses = await Promise.all(
      Array.from({ length: 100 }, (_, index) => guess(email, `guess ${index}`, `127.0.1.${1 + (index % 20)}`))
    )
    expect(statuses.every(status => status === 400)).toBe(true)
    for (let index = 0; index < 20; index++) expect(await guess(email, 'one more', `127.0.1.${1 + index}`)).toBe(429)
    const further = []
    for (let index = 0; index < 5; index++) further.push(await guess(email, `another ${index}`, '127.0.2.1'))
    expect(further).toEqual([400, 400, 400, 429, 429])
    expect(await guess(email, password, '127.0.2.2')).toBe(200)
  }, 60_000)

  test('a restart does not reset the limit of failed passwords', async () => {
    const first = await startAuthBackend({ rateLimitFactor: 1 })
    try {
      const email = newAddress('target')
      for (let index = 0; index < 10; index++) expect(await signInFrom(first, '127.0.0.1', email, `guess ${index}`)).toBe(400)
      await first.stack.stop()
      const second = await startStack({ dataDir: first.dataDir, supabasePort: await freePort(), postgresPort: await freePort(), siteUrl })
      try {
        const answer = await fetch(`${second.env.SUPABASE_URL}/auth/v1/token?grant_type=password`, {
          method: 'POST',
          headers: { 'apikey': second.env.SUPABASE_KEY, 'content-type': 'application/json' },
          body: JSON.stringify({ email, password })
        })
        expect(answer.status).toBe(429)
      } finally {
        await second.stop()
      }
    } finally {
      await first.stop()
    }
  }, 60_000)

  test('fifty sign-ins with the right password from one network all succeed', async () => {
    const people = Array.from({ length: 5 }, () => newAddress('office'))
    await Promise.all(people.map(email => signUpConfirmed(strict, email, password)))
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => strict.call('/token?grant_type=password', { email: people[index % 5], password }))
    )
    expect(answers.every(answer => answer.status === 200)).toBe(true)
  }, 30_000)

  test('session refreshes beyond a burst of 30 from one network get 429, and the session survives', async () => {
    const client = await signUpConfirmed(strict, newAddress('fast-clock'), password)
    let refused: Response | undefined
    let token = (await client.auth.getSession()).data.session!.refresh_token
    let refreshes = 0
    // The bucket gains one token every 2 s, and previous tests may have used some.
    while (!refused && refreshes <= 300) {
      const answer = await strict.call('/token?grant_type=refresh_token', { refresh_token: token })
      if (answer.status === 429) refused = answer
      else token = ((await answer.json()) as { refresh_token: string }).refresh_token
      refreshes++
    }
    expect(refused?.status).toBe(429)
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await refused?.json()).toEqual({ code: 429, error_code: 'over_request_rate_limit', msg: 'Request rate limit reached' })
    await new Promise(resolve => setTimeout(resolve, 2_100))
    expect((await strict.call('/token?grant_type=refresh_token', { refresh_token: token })).status).toBe(200)
  })

  // Concurrent, because each waits five seconds for a mail that must not arrive.
  test.concurrent.each([
    ['/signup', { password }],
    ['/otp', {}],
    ['/recover', {}],
    ['/resend', { type: 'signup' }]
  ])('%s mails a mailbox once in 60 seconds, for any spelling of the address and any X-Forwarded-For', async (path, extra) => {
    const email = newAddress('flooded')
    expect((await strict.call(path, { email, ...extra })).status).toBe(200)
    for (const [index, spelling] of [email, email.toUpperCase(), email.replace('@', '+a@')].entries()) {
      const refused = await strict.call(path, { email: spelling, ...extra }, { headers: { 'x-forwarded-for': `10.1.0.${index}` } })
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toSatisfy((seconds: number) => seconds > 0 && seconds <= 60)
      expect(await refused.json()).toMatchObject({
        code: 429,
        error_code: 'over_email_send_rate_limit',
        msg: expect.stringMatching(/^For security purposes, you can only request this after \d+ seconds\.$/)
      })
    }
    expect((await strict.mails(email, 2)).length).toBeLessThanOrEqual(1)
  })

  test('an account can ask for one change of address in 60 seconds, to any mailbox', async () => {
    const client = await signUpConfirmed(strict, newAddress('mover'), password)
    const targets = Array.from({ length: 12 }, () => newAddress('target'))
    const codes: unknown[] = []
    for (const email of targets) codes.push((await client.auth.updateUser({ email, current_password: password })).error?.code ?? null)
    expect(codes).toEqual([null, ...Array.from({ length: 11 }, () => 'over_email_send_rate_limit')])
    expect(await strict.mails(targets[0]!)).toHaveLength(1)
    for (const email of targets.slice(1)) expect(await strict.mails(email, 0)).toEqual([])
  })
})

// A tenth of every budget: ten mails in an hour, fifty failures, bursts of three refreshes and three requests.
describe('rate limits of auth at a tenth of their size', () => {
  let scarce: AuthBackend
  let networks = 0

  beforeAll(async () => {
    scarce = await startAuthBackend({ rateLimitFactor: 0.1, trustedProxies: '127.0.0.1' })
  })

  afterAll(async () => {
    await scarce.stop()
  })

  /** Calls from a given address, or else from a new network. */
  const callFrom = (path: string, body: unknown, address = `2001:db8:1:${(++networks).toString(16)}::1`) =>
    scarce.call(path, body, { headers: { 'x-forwarded-for': address } })
  const neighbour = (index: number, network = 1) => `2001:db8:2:${network}:${index.toString(16)}::1`

  // recover.go, resend.go, magic_link.go: for an address without an account, GoTrue answers before sendEmail() charges email_sent.
  test('requests that send no mail do not spend the server-wide mail budget', async () => {
    await signUpConfirmed(scarce, newAddress('first'), password)
    const unknown: [string, object][] = [
      ['/recover', {}],
      ['/otp', { create_user: false }],
      ['/resend', { type: 'signup' }],
      ['/resend', { type: 'email_change' }]
    ]
    for (const [path, extra] of unknown) {
      for (let request = 0; request < 4; request++)
        expect((await callFrom(path, { email: newAddress('nobody'), ...extra })).status, path).toBe(200)
    }
    const [{ points }] = await scarce.sql<[{ points: number }]>`select points from auth.rate_limits where key = 'mails:all'`
    expect(points).toBe(1)
    const other = newAddress('starved')
    expect((await callFrom('/signup', { email: other, password })).status).toBe(200)
    expect(await scarce.mails(other)).toHaveLength(1)
  })

  test.each([
    ['/signup', { password: 'password' }],
    ['/otp', { create_user: false }],
    ['/recover', {}],
    ['/resend', { type: 'signup' }],
    ['/verify', { type: 'recovery', token_hash: 'x' }]
  ])('a network can call %s three times in a burst, and another network has its own burst', async (path, extra) => {
    const statuses = []
    for (let request = 0; request < 4; request++)
      statuses.push(await callFrom(path, { email: newAddress('asked'), ...extra }, neighbour(request)))
    expect(statuses.slice(0, 3).map(({ status }) => status)).not.toContain(429)
    expect(await statuses[3]!.json()).toEqual({ code: 429, error_code: 'over_request_rate_limit', msg: 'Request rate limit reached' })
    expect((await callFrom(path, { email: newAddress('asked'), ...extra })).status).not.toBe(429)
  })

  test('session refreshes are counted per network, which is a /64 for IPv6', async () => {
    const statuses = []
    for (let request = 0; request < 4; request++)
      statuses.push((await callFrom('/token?grant_type=refresh_token', { refresh_token: 'x' }, neighbour(request))).status)
    expect(statuses).toEqual([400, 400, 400, 429])
    expect((await callFrom('/token?grant_type=refresh_token', { refresh_token: 'x' })).status).toBe(400)
  })

  test('failed passwords are counted per network, which is a /64 for IPv6', async () => {
    const guess = (address?: string) => callFrom('/token?grant_type=password', { email: newAddress('guessed'), password: 'guess' }, address)
    for (let failure = 0; failure < 50; failure++) expect((await guess(neighbour(failure, 2))).status).toBe(400)
    expect((await guess(neighbour(50, 2))).status).toBe(429)
    expect((await guess()).status).toBe(400)
  }, 60_000)

  // Must run last, because it spends the server-wide mail budget. GoTrue answers 200 for an address without an account, which reveals
  // that there is none.
  test('when the server-wide mail budget is spent, /recover answers 429 for an address with and without an account', async () => {
    const email = newAddress('late')
    let sent = 0
    while ((await callFrom('/signup', { email: sent === 0 ? email : newAddress('fresh'), password })).status === 200) sent++
    expect(sent).toBeGreaterThan(0)
    expect(sent).toBeLessThanOrEqual(10)
    for (const address of [email, newAddress('nobody')]) {
      const refused = await callFrom('/recover', { email: address })
      expect(await refused.json(), address).toMatchObject({ code: 429, error_code: 'over_email_send_rate_limit' })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000)
    }
  })
})

describe('security notices by mail', () => {
  // user.go:257 and verify.go:593, with supabase/config.toml: auth.email.notification
  test('a change of password is mailed to the address, and a change of address to the old one', async () => {
    const [email, other] = [newAddress('teller'), newAddress('other')]
    const client = await signUpConfirmed(backend, email, password)
    expect((await client.auth.updateUser({ password: 'a whole new one', current_password: password })).error).toBeNull()
    const [notice] = await backend.mails(email, 2)
    expect(notice).toMatchObject({ subject: 'Your password was changed', to: [email] })
    expect(notice!.text).toContain(`${siteUrl}/forgot-password`)
    expect((await client.auth.updateUser({ email: other, current_password: 'a whole new one' })).error).toBeNull()
    expect((await client.auth.verifyOtp(parseLink((await backend.mails(other))[0]))).error).toBeNull()
    expect((await backend.mails(email, 3))[0]).toMatchObject({ subject: 'Your email address was changed', to: [email] })
    expect(await backend.mails(other)).toHaveLength(1)
  })

  // user.go, IsDuplicatedEmail(). docs/decisions/010 says why the answer reveals the account.
  test('a change to the address of another account gets email_exists and sends no mail', async () => {
    const [email, taken] = [newAddress('mover'), newAddress('owner')]
    const client = await signUpConfirmed(backend, email, password)
    await signUpConfirmed(backend, taken, password)
    const { error } = await client.auth.updateUser({ email: taken.toUpperCase(), current_password: password })
    expect({ code: error?.code, status: error?.status }).toEqual({ code: 'email_exists', status: 422 })
    expect(
      await backend.sql`select email, coalesce(email_change, '') as email_change from auth.users where email in (${email}, ${taken}) order by email`
    ).toEqual([
      { email, email_change: '' },
      { email: taken, email_change: '' }
    ])
    expect(await backend.mails(taken)).toHaveLength(1)
  })

  test('a failed change and a change of metadata send no mail', async () => {
    const email = newAddress('quiet')
    const client = await signUpConfirmed(backend, email, password)
    await client.auth.updateUser({ password: 'a whole new one', current_password: 'wrong' })
    await client.auth.updateUser({ data: { name: 'Quiet' } })
    await backend.client().auth.verifyOtp({ type: 'email_change', token_hash: 'none' })
    expect(await backend.mails(email)).toHaveLength(1)
  })
})

describe('common passwords', () => {
  test.each(['password', 'Password123!', '12345678', 'qwertyuiop', 'switchboard1'])(
    'the common password %s is refused at sign-up and at a change',
    async weak => {
      const email = newAddress()
      expect((await backend.client().auth.signUp({ email, password: weak })).error?.code).toBe('weak_password')
      const client = await signUpConfirmed(backend, email, password)
      expect((await client.auth.updateUser({ password: weak, current_password: password })).error).toMatchObject({
        code: 'weak_password',
        status: 422
      })
      expect((await backend.client().auth.signInWithPassword({ email, password })).error).toBeNull()
    }
  )

  test('the own address of a user is refused as a password', async () => {
    const email = newAddress()
    expect((await backend.client().auth.signUp({ email, password: email })).error?.code).toBe('weak_password')
  })
})

describe('bad input of auth', () => {
  test.each([undefined, 'sb_publishable_wrong', ''])('the auth API refuses the API key %s', async key => {
    const response = await fetch(`${backend.stack.env.SUPABASE_URL}/auth/v1/settings`, {
      headers: key === undefined ? {} : { apikey: key }
    })
    expect(response.status).toBe(401)
  })

  const bodies = [
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{"email":1,"password":true}',
    '{"email":["a@b.cd"],"password":{}}',
    '{"email":"a@b.cd,x@evil.test","password":"long enough"}',
    '{"email":"a@b.cd\\r\\nBcc: x@evil.test","password":"long enough"}',
    '{"email":"nul\\u0000@b.cd","password":"long enough"}',
    '{"email":"a@b.cd","password":"nul\\u0000nul\\u0000"}',
    '{"email":"a@b.cd","password":"\\ud800 surrogate"}',
    `{"email":"${'a'.repeat(400)}@b.cd","password":"long enough"}`,
    '{"email":"a@b.cd","password":"long enough","data":{"x":"\\u0000"}}',
    '{"email":"a@b.cd","password":"long enough","data":"x"}'
  ]
  test.each(bodies.map(body => [body.slice(0, 60), body]))(
    'every route of the auth API that reads a bad field answers 4xx to the body %s',
    async (_, body) => {
      for (const path of [
        '/signup',
        '/token?grant_type=password',
        '/token?grant_type=refresh_token',
        '/token?grant_type=pkce',
        '/token',
        '/otp',
        '/recover',
        '/resend',
        '/verify'
      ]) {
        const response = await backend.call(path, body)
        const isHarmless = path === '/otp' || path === '/recover'
        if (!(isHarmless && response.status === 200))
          expect([path, response.status]).toEqual([path, expect.toSatisfy((status: number) => status >= 400 && status < 500)])
      }
    }
  )

  test('the auth API refuses forged access tokens', async () => {
    const forged = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: crypto.randomUUID(), role: 'service_role', exp: 4e9 })).toString('base64url')}.`
    for (const token of [forged, 'x.y.z', backend.stack.env.SUPABASE_KEY]) {
      const response = await backend.call('/user', undefined, { method: 'GET', body: null, headers: { authorization: `Bearer ${token}` } })
      expect([401, 403]).toContain(response.status)
    }
  })

  test('the auth API answers 404 to endpoints of GoTrue that the product does not use', async () => {
    for (const path of ['/magiclink', '/admin/users', '/invite', '/reauthenticate', '/authorize'])
      expect((await backend.call(path, { email: newAddress() })).status).toBe(404)
  })
})

/** Keys in order and types of values, without what differs between two answers of the same shape. */
function describeShape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(describeShape)
  if (value === null || typeof value !== 'object')
    return typeof value === 'string' ? value.replace(/[0-9a-f]/g, '0').replace(/known\.[\d.]+/, 'known') : typeof value
  return Object.entries(value).map(([key, entry]) => [key, describeShape(entry)])
}

function headerNames(response: Response): string[] {
  return [...response.headers.keys()].filter(name => name !== 'date')
}

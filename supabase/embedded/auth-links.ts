import { randomBytes } from 'node:crypto'
import type { JSONValue } from 'postgres'
import { z } from 'zod'
import { emailField, json, parseBody, refuseMailIfLimited, textField, type AuthContext, type Body } from './auth-context.ts'
import * as bcrypt from './bcrypt.ts'
import { spendMail } from './rate-limits.ts'

const signUpBody = z.looseObject({ email: emailField, password: textField, data: z.record(z.string(), z.unknown()).nullish() })
const mailBody = z.looseObject({ email: emailField, data: z.record(z.string(), z.unknown()).nullish(), create_user: z.boolean().nullish() })
const resendBody = z.looseObject({ type: z.enum(['signup', 'email_change']), email: emailField })

/** The endpoints that mail a link: /signup, /otp, /recover and /resend. */
export function createAuthLinks(context: AuthContext) {
  const { sql, limits, mails, passwordCost, runExclusive, forward, buildLink, chargeMailOrRefuse, checkPassword, findUser } = context

  async function signUp(request: Request, body: Body): Promise<Response> {
    const input = parseBody(signUpBody, body)
    checkPassword(input.password, input.email)
    const address = input.email.toLowerCase()
    refuseMailIfLimited(await spendMail(limits, 'confirmation', address))
    return runExclusive(address, async () => {
      const user = await findUser(address)
      if (!user) {
        await chargeMailOrRefuse()
        return forward(request, { ...input, data: input.data ?? {} })
      }
      await bcrypt.hash(input.password, passwordCost) // so that the answer takes as long as for a new account
      if (user.email_confirmed_at) return json(200, await buildSignUpAnswer(address, input.data ?? {}))
      await resendConfirmation(address)
      return json(200, await buildSignUpAnswer(address, user.raw_user_meta_data, user.id))
    })
  }

  /**
   * Mails an unconfirmed account a new link, which replaces the previous one. Everything else stays, including the
   * password of the first sign-up (signup.go: "do not update the user because we can't be sure of their claimed identity").
   */
  async function resendConfirmation(address: string): Promise<void> {
    const [known] = await sql`select from auth.users where email = ${address} and email_confirmed_at is null`
    if (!known) return
    await chargeMailOrRefuse()
    const token = randomBytes(32).toString('hex')
    const [user] =
      await sql`update auth.users set confirmation_token = ${token}, confirmation_sent_at = now() where email = ${address} and email_confirmed_at is null returning id`
    if (user) mails.send('signup', address, buildLink(token))
  }

  async function sendOtp(request: Request, body: Body): Promise<Response> {
    const input = parseBody(mailBody, body)
    const address = input.email.toLowerCase()
    refuseMailIfLimited(await spendMail(limits, 'recovery', address))
    return runExclusive(address, async () => {
      const user = await findUser(address)
      if (!user && input.create_user !== false) {
        await chargeMailOrRefuse()
        const response = await forward(new Request(new URL('signup', request.url), { method: 'POST', headers: request.headers }), {
          email: address,
          password: randomBytes(36).toString('base64url'),
          data: input.data ?? {}
        })
        return response.ok ? json(200, {}) : response
      }
      await bcrypt.hash(address, passwordCost) // so that the answer takes as long as for a new account
      if (user?.email_confirmed_at) {
        await chargeMailOrRefuse()
        return forward(request, { email: address, create_user: false })
      }
      if (user) await resendConfirmation(address) // magic_link.go: an unconfirmed account gets the mail of a sign-up
      return json(200, {})
    })
  }

  async function recover(request: Request, body: Body): Promise<Response> {
    const address = parseBody(mailBody, body).email.toLowerCase()
    refuseMailIfLimited(await spendMail(limits, 'recovery', address))
    return runExclusive(address, async () => {
      if (await findUser(address)) await chargeMailOrRefuse()
      return forward(request, { email: address })
    })
  }

  async function resend(_request: Request, body: Body): Promise<Response> {
    const input = parseBody(resendBody, body)
    const address = input.email.toLowerCase()
    refuseMailIfLimited(await spendMail(limits, input.type === 'signup' ? 'confirmation' : 'email_change', address))
    if (input.type === 'signup') {
      await resendConfirmation(address)
    } else {
      const token = randomBytes(32).toString('hex')
      const [user] = await sql<
        { email_change: string }[]
      >`update auth.users set email_change_token_new = ${token}, email_change_sent_at = now() where email = ${address} and email_change <> '' returning email_change`
      // The new mailbox has its own budgets, which an earlier change of address may have spent.
      if (user && (await spendMail(limits, 'email_change', user.email_change)) === null) {
        await chargeMailOrRefuse()
        mails.send('email_change', user.email_change, buildLink(token))
      }
    }
    return json(200, {})
  }

  /** A sign-up's answer for an address that has an account already. A new account gets the same fields. */
  async function buildSignUpAnswer(address: string, data: Record<string, unknown>, id = uuidV7()): Promise<Body> {
    const now = new Date().toISOString()
    // jsonb puts the keys in the order in which a new account's answer has them.
    const [row] =
      await sql`select ${sql.json({ ...data, email: address, email_verified: false, phone_verified: false, sub: id } as JSONValue)}::jsonb as metadata`
    return {
      id,
      aud: 'authenticated',
      role: 'authenticated',
      email: address,
      phone: '',
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: row!.metadata,
      identities: [
        {
          identity_id: uuidV7(),
          id,
          user_id: id,
          identity_data: row!.metadata,
          provider: 'email',
          last_sign_in_at: now,
          created_at: now,
          updated_at: now,
          email: address
        }
      ],
      created_at: now,
      updated_at: now,
      is_anonymous: false,
      confirmation_sent_at: now
    }
  }

  return { signUp, sendOtp, recover, resend }
}

/** A UUID of version 7 (RFC 9562 §5.7), the kind of id that `@supabase/lite` gives to users. */
function uuidV7(): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

import { createHash, randomInt } from 'node:crypto'
import type { JSONValue } from 'postgres'
import { z } from 'zod'
import { AuthError, emailField, parseBody, textField, type AuthContext, type Body } from './auth-context.ts'
import * as bcrypt from './bcrypt.ts'

const kinds = ['magiclink', 'recovery', 'signup', 'invite'] as const
type LinkKind = (typeof kinds)[number]

const linkBody = z.looseObject({
  type: textField,
  email: emailField,
  password: textField.nullish(),
  data: z.record(z.string(), z.unknown()).nullish(),
  redirect_to: textField.nullish()
})

/**
 * Serves `POST /admin/generate_link` as GoTrue does (internal/api/mail.go, adminGenerateLink): it makes a link and mails nothing. A magic
 * link for an unknown address adds an unconfirmed account, and becomes a link of the type signup. Links for a change of address are not
 * served. Returns the id of the account and the properties of the link.
 */
export function createLinkGenerator({ sql, siteUrl, runExclusive, checkPassword, passwordCost, findUser }: AuthContext) {
  return async (body: Body, redirect: string | null): Promise<{ userId: string; properties: Body }> => {
    const input = parseBody(linkBody, body)
    const address = input.email.toLowerCase()
    return runExclusive(address, async () => {
      const user = await findUser(address)
      const kind = kindOf(input.type, user !== undefined)
      if (user?.email_confirmed_at && (kind === 'signup' || kind === 'invite'))
        throw new AuthError(422, 'email_exists', 'A user with this email address has already been registered')
      const otp = String(randomInt(1_000_000)).padStart(6, '0')
      const hashedToken = createHash('sha256').update(`${address}${otp}`).digest('hex')
      const userId = user?.id ?? (await addUser(address, input))
      await storeToken(userId, kind, hashedToken)
      const wanted = input.redirect_to ?? redirect
      const redirectTo = wanted?.startsWith(`${new URL(siteUrl).origin}/`) ? wanted : siteUrl
      return {
        userId,
        properties: {
          action_link: actionLink(kind, hashedToken, redirectTo),
          email_otp: otp,
          hashed_token: hashedToken,
          verification_type: kind,
          redirect_to: redirectTo
        }
      }
    })
  }

  async function addUser(email: string, { type, password, data }: z.output<typeof linkBody>): Promise<string> {
    if (type === 'signup') {
      if (!password) throw new AuthError(400, 'validation_failed', 'Signup requires a valid password')
      checkPassword(password, email)
    }
    // The random password that GoTrue sets for a magic link is known to nobody, so that none is the same.
    const hash = type === 'signup' ? await bcrypt.hash(password!, passwordCost) : null
    return sql.begin(async sql => {
      const [added] = await sql<[{ id: string }]>`
        insert into auth.users (id, aud, role, email, encrypted_password, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
        values (gen_random_uuid(), 'authenticated', 'authenticated', ${email}, ${hash},
          ${sql.json({ provider: 'email', providers: ['email'] })}, ${sql.json((data ?? {}) as JSONValue)}, now(), now())
        returning id`
      await sql`
        insert into auth.identities (id, provider, provider_id, user_id, identity_data, created_at, updated_at)
        values (gen_random_uuid(), 'email', ${added.id}, ${added.id}, ${sql.json({ sub: added.id, email, email_verified: false, phone_verified: false })}, now(), now())`
      return added.id
    })
  }

  async function storeToken(id: string, kind: LinkKind, token: string): Promise<void> {
    if (kind === 'magiclink' || kind === 'recovery')
      await sql`update auth.users set recovery_token = ${token}, recovery_sent_at = now() where id = ${id}`
    else
      await sql`
        update auth.users set confirmation_token = ${token}, confirmation_sent_at = now(),
          invited_at = case when ${kind === 'invite'} then now() else invited_at end
        where id = ${id}`
  }

  function actionLink(kind: LinkKind, token: string, redirectTo: string): string {
    const url = new URL('/auth/v1/verify', siteUrl)
    url.search = new URLSearchParams({ token, type: kind, redirect_to: redirectTo }).toString()
    return url.href
  }
}

function kindOf(type: string, isKnown: boolean): LinkKind {
  if (!isKnown && type === 'magiclink') return 'signup'
  if (!isKnown && (type === 'recovery' || type.startsWith('email_change')))
    throw new AuthError(404, 'user_not_found', 'User with this email not found')
  if (!(kinds as readonly string[]).includes(type))
    throw new AuthError(400, 'validation_failed', `Invalid email action link type requested: ${type}`)
  return type as LinkKind
}

import type { Page } from '@playwright/test'
import type { Session } from '@supabase/supabase-js'
import { database } from './database.ts'
import { sessionCookies, type Person } from './people.ts'
import { expect, isInteractive } from './test.ts'

/** Changes the session that the browser of `page` has in its cookies. */
async function editSession(page: Page, change: (session: Session) => Partial<Session>): Promise<void> {
  const context = page.context()
  const cookies = (await context.cookies())
    .filter(({ name }) => name.startsWith('sb-switchboard-auth'))
    .toSorted((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }))
  const session = JSON.parse(
    Buffer.from(
      cookies
        .map(({ value }) => value)
        .join('')
        .slice('base64-'.length),
      'base64url'
    ).toString()
  ) as Session
  await context.clearCookies({ name: /^sb-switchboard-auth/ })
  await context.addCookies(
    sessionCookies({ ...session, ...change(session) }).map(cookie => ({ ...cookie, url: process.env.E2E_URL!, sameSite: 'Lax' as const }))
  )
}

/** Invalidates the access token of this browser: the server refuses it from now on. */
export function expire(page: Page): Promise<void> {
  return editSession(page, ({ access_token }) => ({ access_token: `${access_token.slice(0, -8)}AAAAAAAA` }))
}

/** Ends all sessions of `person`, or the one of `person.session`. Access tokens of other browsers keep a valid signature and time. */
export async function revoke(person: Person, scope: 'global' | 'local' = 'global'): Promise<void> {
  const answer = await fetch(`${process.env.E2E_SUPABASE_URL}/auth/v1/logout?scope=${scope}`, {
    method: 'POST',
    headers: { apikey: process.env.E2E_SUPABASE_KEY!, authorization: `Bearer ${person.session.access_token}` }
  })
  expect(answer.status).toBe(204)
}

/** Moves every sign-in of `person` 16 minutes into the past: none of their sessions counts as recent. */
export async function ageSignIns({ id }: Person): Promise<void> {
  await database()`update auth.sessions set created_at = created_at - interval '16 minutes' where user_id = ${id}`
}

/** Both storages of the browser, as text. */
export function readKept(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
}

/** Waits until only the sign-in page is shown. While the layout of the app leaves, the page mounts again and loses its input. */
export async function isOnSignIn(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/sign-in/)
  await isInteractive(page)
  await expect(page.getByRole('navigation', { name: 'Main' })).toHaveCount(0)
}

export async function signInWith(page: Page, { email, password }: Pick<Person, 'email' | 'password'>): Promise<void> {
  await isOnSignIn(page)
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

import type { Page } from '@playwright/test'
import type { Session } from '@supabase/supabase-js'
import { database } from './database.ts'
import { sessionCookies, type Person } from './people.ts'
import { expect, waitUntilInteractive } from './test.ts'

/** Changes the session in the cookies of the browser of `page`. */
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

/** Corrupts the signature of this browser's access token, so that the server refuses it. */
export function invalidateToken(page: Page): Promise<void> {
  return editSession(page, ({ access_token }) => ({ access_token: `${access_token.slice(0, -8)}AAAAAAAA` }))
}

/** Ends all sessions of `person`, or only `person.session`. Their access tokens stay valid by signature and expiry. */
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
export function readStorage(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
}

/** Waits until only the sign-in page is mounted. Until the layout of the app is removed, the page is mounted again and loses its input. */
export async function waitForSignInPage(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/sign-in/)
  await waitUntilInteractive(page)
  await expect(page.getByRole('navigation', { name: 'Main' })).toHaveCount(0)
}

export async function signInWith(page: Page, { email, password }: Pick<Person, 'email' | 'password'>): Promise<void> {
  await waitForSignInPage(page)
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

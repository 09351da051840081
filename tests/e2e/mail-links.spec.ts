import { createHash, randomBytes } from 'node:crypto'
import type { NotificationPreferences, ReplyAddress } from '../../shared/types/api.ts'
import { database } from './support/database.ts'
import { linkFor } from './support/inbox.ts'
import { api, newAddress, newTeam, type Person, type TestTeam } from './support/people.ts'
import { expect, open, test } from './support/test.ts'

test('the owner of a mailbox confirms once, by the link in its mail, that it receives the answers of clients', async ({
  guest,
  provokes
}) => {
  provokes(/status of 404/)
  const team = await newTeam('Answers')
  const { owner } = team.people
  const email = newAddress('Support')
  await api(owner, 'PUT', `/api/teams/${team.id}/reply-address`, { email })
  const { pathname } = new URL(await linkFor(email, '/reply-address/'))
  const page = await guest()
  await open(page, pathname)
  await expect(page.getByText(`The team Answers wants to receive its clients’ answers at ${email}.`)).toBeVisible()
  await expect(page.locator('meta[name="referrer"]')).toHaveAttribute('content', 'no-referrer')
  expect((await api<ReplyAddress>(owner, 'GET', `/api/teams/${team.id}/reply-address`)).email).toBeNull()
  await page.getByRole('button', { name: 'Receive the answers here' }).click()
  await expect(page.getByRole('heading', { name: 'Thank you' })).toBeVisible()
  await expect(page.getByText(`Clients of Answers who answer its mails now write to ${email}.`)).toBeVisible()
  expect((await api<ReplyAddress>(owner, 'GET', `/api/teams/${team.id}/reply-address`)).email).toBe(email)

  await page.reload()
  await expect(page.getByRole('heading', { name: 'This link is no longer valid' })).toBeVisible()
  await expect(page.getByText('It was already used, was replaced by a newer one, or is older than three days.')).toBeVisible()
})

test('a person unsubscribes from the mails of a team by the link in one of them, after a confirmation', async ({ guest, provokes }) => {
  provokes(/ERR_FAILED/)
  const team = await newTeam('Loud')
  const { owner } = team.people
  const areMailed = async () =>
    (await api<NotificationPreferences>(owner, 'GET', `/api/teams/${team.id}/notification-preferences`)).preferences.some(
      ({ mail }) => mail
    )
  const page = await guest()
  await open(page, await unsubscribeLink(team, owner))
  await expect(page.getByText('You are about to unsubscribe from all notification mails of the team Loud.')).toBeVisible()
  expect(await areMailed()).toBe(true)
  const unsubscribe = page.getByRole('button', { name: 'Unsubscribe' })
  await page.route('**/api/unsubscribe/*', route => route.abort())
  await unsubscribe.click()
  await expect(page.getByRole('region', { name: /^Notifications/ }).getByText('You were not unsubscribed')).toBeVisible()
  await page.unroute('**/api/unsubscribe/*')
  await unsubscribe.click()
  await expect(page.getByRole('heading', { name: 'You are unsubscribed' })).toBeVisible()
  expect(await areMailed()).toBe(false)
})

/** The path that the header List-Unsubscribe of a mail to `person` leads to. */
async function unsubscribeLink(team: TestTeam, person: Person): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const tokenHash = createHash('sha256').update(token).digest()
  await database()`insert into private.unsubscribe_tokens (token_hash, team_id, user_id, recipient) values (${tokenHash}, ${team.id}, ${person.id}, ${person.email})`
  return `/unsubscribe/${token}`
}

import type { ApiKey, IssuedApiKey, Member } from '../../shared/types/api.ts'
import { api, newTeam } from './support/people.ts'
import { ageSignIns } from './support/session.ts'
import { expect, goTo, notification, open, openTickets, test } from './support/test.ts'

const baseUrl = process.env.E2E_URL!

/** Sends a request as a program with an API key. */
function byProgram(key: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${baseUrl}/api/v1${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {})
  })
}

test('an admin gives a program a key, rotates and revokes it; after a while that needs the password, and the form keeps its text', async ({
  signedIn,
  provokes
}) => {
  provokes(/403 \(Forbidden\).*\/api-keys/)
  provokes(/400 \(Bad Request\).*grant_type=password/)
  const team = await newTeam('Keys', { admin: 'Adam Admin', member: 'Mia Member' })
  const { admin } = team.people
  const page = await signedIn(admin)
  await open(page, '/settings/api-keys')
  await expect(page.getByText('No API keys yet')).toBeVisible()
  await expect(page.getByLabel('Example request')).toContainText('X-Api-Key')

  // By keyboard, after a try without a name.
  await page.getByRole('button', { name: 'Create the first key' }).click()
  const form = page.getByRole('dialog', { name: 'New API key' })
  await expect(form.getByRole('textbox', { name: 'Name' })).toBeFocused()
  await form.getByRole('button', { name: 'Create key' }).click()
  await expect(form.getByText('Name is required')).toBeVisible()
  await form.getByRole('textbox', { name: 'Name' }).fill('Website form')
  await expect(form.getByRole('checkbox', { name: 'Write' })).toBeChecked()
  await page.keyboard.press('Enter')

  // Shown once: neither Escape nor a click beside it loses the key.
  const secret = page.getByRole('dialog', { name: 'Store this key now' })
  const field = secret.getByRole('textbox', { name: 'API key' })
  await expect(field).toHaveValue(/^sk_[\w-]{43}$/)
  const key = await field.inputValue()
  await page.keyboard.press('Escape')
  await expect(field).toBeVisible()
  await secret.getByRole('button', { name: 'Copy' }).click()
  await expect(secret.getByRole('button', { name: 'Copied' })).toBeVisible()
  await secret.getByRole('button', { name: 'I have stored it' }).click()
  await expect(secret).toBeHidden()
  // The button that opened the form is gone, so the focus moves to the new one.
  const adder = page.getByRole('button', { name: 'New key' })
  await expect(adder).toBeFocused()

  const item = page.getByRole('list', { name: 'API keys' }).getByRole('listitem').filter({ hasText: 'Website form' })
  await expect(item).toContainText('Acts as Website form, member')
  await expect(item).toContainText(`${key.slice(0, 11)}…`)
  await expect(item).toContainText('Never used')
  await expect(page.getByText(key)).toHaveCount(0)

  // The program works with it, and everybody sees who did it.
  const created = await byProgram(key, '/tickets', { subject: 'Sent by the website', description: 'Hello' })
  expect(created.status).toBe(201)
  const agent = await signedIn(team.people.member)
  await openTickets(agent)
  await expect(agent.getByRole('row', { name: /Sent by the website/ })).toBeVisible()

  await goTo(page, '/settings/members')
  const row = page.getByRole('row', { name: /Website form/ })
  await expect(row).toContainText('Service')
  await row.getByRole('combobox', { name: 'Role of Website form' }).click()
  await expect(page.getByRole('option')).toHaveText([/Member/, /Viewer/])
  await page.keyboard.press('Escape')

  // Rotating kills the old key, revoking the new one.
  await goTo(page, '/settings/api-keys')
  await item.getByRole('button', { name: 'Rotate Website form' }).click()
  await page.getByRole('dialog', { name: 'Rotate “Website form”?' }).getByRole('button', { name: 'Rotate' }).click()
  const rotated = await field.inputValue()
  expect(rotated).not.toBe(key)
  await secret.getByRole('button', { name: 'I have stored it' }).click()
  await expect(item.getByRole('button', { name: 'Rotate Website form' })).toBeFocused()
  expect((await byProgram(key, '/tickets')).status).toBe(401)
  expect((await byProgram(rotated, '/tickets')).status).toBe(200)
  await item.getByRole('button', { name: 'Revoke Website form' }).click()
  await page.getByRole('dialog', { name: 'Revoke “Website form”?' }).getByRole('button', { name: 'Revoke' }).click()
  await expect(notification(page, 'The key was revoked')).toBeVisible()
  await expect(page.getByText('No API keys yet')).toBeVisible()
  await expect(adder).toBeFocused()
  expect((await byProgram(rotated, '/tickets')).status).toBe(401)

  // A new key needs the password after a while.
  await ageSignIns(admin)
  await page.getByRole('button', { name: 'Create the first key' }).click()
  const name = form.getByRole('textbox', { name: 'Name' })
  await name.fill('Website form')
  await form.getByRole('button', { name: 'Create key' }).click()

  // Cancelled: the form is as it was, and nothing was made.
  const dialog = page.getByRole('dialog', { name: 'Enter your password' })
  const password = dialog.getByRole('textbox', { name: 'Password' })
  await expect(password).toBeFocused()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog).toBeHidden()
  await expect(notification(page, 'The key was not created')).toBeVisible()
  await expect(name).toHaveValue('Website form')
  expect(await api<ApiKey[]>(admin, 'GET', `/api/teams/${team.id}/api-keys`)).toEqual([])

  await form.getByRole('button', { name: 'Create key' }).click()
  await password.fill('not the password')
  await page.keyboard.press('Enter')
  await expect(dialog.getByText('The e-mail address or password is wrong.')).toBeVisible()
  await password.fill(admin.password)
  await page.keyboard.press('Enter')
  await expect(field).toHaveValue(/^sk_[\w-]{43}$/)
  await expect(dialog).toBeHidden()
  await expect(form).toBeHidden()
  await expect(field).toBeFocused()
  const second = await field.inputValue()
  expect((await byProgram(second, '/tickets')).status).toBe(200)
  await secret.getByRole('button', { name: 'I have stored it' }).click()
  await expect(page.getByRole('list', { name: 'API keys' }).getByRole('listitem')).toHaveCount(1)

  // Rotation needs the password too.
  await ageSignIns(admin)
  const rotate = page.getByRole('button', { name: 'Rotate Website form' })
  await rotate.click()
  await page.getByRole('dialog', { name: 'Rotate “Website form”?' }).getByRole('button', { name: 'Rotate' }).click()
  await password.fill(admin.password)
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await expect(field).toHaveValue(/^sk_[\w-]{43}$/)
  expect(await field.inputValue()).not.toBe(second)
  expect((await byProgram(second, '/tickets')).status).toBe(401)
  await secret.getByRole('button', { name: 'I have stored it' }).click()
  await expect(rotate).toBeFocused()
})

test('a member sees the keys that act as them, and can revoke them', async ({ signedIn }) => {
  const team = await newTeam('Own keys', { member: 'Mia Member' })
  const { owner, member } = team.people
  await api<IssuedApiKey>(owner, 'POST', `/api/teams/${team.id}/api-keys`, { name: 'Script of Mia', scopes: ['read'], user_id: member.id })
  await api<IssuedApiKey>(owner, 'POST', `/api/teams/${team.id}/api-keys`, { name: 'Of the owner', scopes: ['read'], user_id: owner.id })
  const page = await signedIn(member)
  await open(page, '/settings/api-keys')
  const items = page.getByRole('list', { name: 'API keys' }).getByRole('listitem')
  await expect(items).toHaveCount(1)
  await expect(items.first()).toContainText('Script of Mia')
  await expect(page.getByRole('button', { name: 'New key' })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Rotate Script of Mia' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Revoke Script of Mia' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByText('No API keys yet')).toBeVisible()
  expect(await api<Member[]>(owner, 'GET', `/api/teams/${team.id}/members`)).toHaveLength(2)
})

import type { Invitation, WebhookWithSecret } from '../../shared/types/api.ts'
import { api, newAddress, newTeam } from './support/people.ts'
import { ageSignIns } from './support/session.ts'
import { expect, goTo, notification, open, test } from './support/test.ts'

test('invitations, roles and webhooks need the password after a while, and the forms keep their text', async ({ signedIn, provokes }) => {
  provokes(/403 \(Forbidden\).*\/(invitations|members\/[\w-]+|webhooks(\/[\w-]+)?)\)?$/)
  const team = await newTeam('Old sign-in', { member: 'Mia Member' })
  const { owner } = team.people
  await api<WebhookWithSecret>(owner, 'POST', `/api/teams/${team.id}/webhooks`, {
    name: 'Warehouse',
    url: 'https://93.184.215.14/hook',
    events: ['ticket.created']
  })
  const page = await signedIn(owner)
  const dialog = page.getByRole('dialog', { name: 'Enter your password' })
  const password = dialog.getByRole('textbox', { name: 'Password' })

  // Cancelled: the form is as it was, and nobody is invited.
  const email = newAddress('Rita Reader')
  await open(page, '/settings/members')
  await ageSignIns(owner)
  await page.getByRole('button', { name: 'Invite' }).click()
  const form = page.getByRole('dialog', { name: 'Invite somebody' })
  await form.getByLabel('E-mail').fill(email)
  await form.getByRole('button', { name: 'Send invitation' }).click()
  await expect(password).toBeFocused()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(notification(page, 'The invitation was not sent')).toBeVisible()
  await expect(form.getByLabel('E-mail')).toHaveValue(email)
  expect(await api<Invitation[]>(owner, 'GET', `/api/teams/${team.id}/invitations`)).toEqual([])
  await form.getByRole('button', { name: 'Send invitation' }).click()
  await password.fill(owner.password)
  await page.keyboard.press('Enter')
  await expect(notification(page, `An invitation is on its way to ${email}`)).toBeVisible()
  await expect(form).toBeHidden()

  await ageSignIns(owner)
  const role = page.getByRole('combobox', { name: 'Role of Mia Member' })
  const raise = async () => {
    await role.click()
    await page.getByRole('option', { name: /Admin/ }).click()
  }
  await raise()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(notification(page, 'The role was not changed')).toBeVisible()
  await expect(role).toHaveText('Member')
  await raise()
  await password.fill(owner.password)
  await page.keyboard.press('Enter')
  await expect(notification(page, 'Mia Member is now admin')).toBeVisible()
  await expect(role).toHaveText('Admin')

  // A new name needs no password, a new address does.
  await goTo(page, '/settings/webhooks')
  await ageSignIns(owner)
  const edit = async (field: string, value: string) => {
    await page.getByRole('button', { name: /^More for/ }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    const form = page.getByRole('dialog', { name: 'Edit webhook' })
    await form.getByRole('textbox', { name: field }).fill(value)
    await form.getByRole('button', { name: 'Save' }).click()
  }
  await edit('Name', 'Depot')
  await expect(notification(page, '“Depot” was saved')).toBeVisible()
  await edit('URL', 'https://93.184.215.14/elsewhere')
  await password.fill(owner.password)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.reload()
  await expect(page.getByText('Depot')).toBeVisible()
  await page.getByRole('button', { name: 'More for Depot' }).click()
  await page.getByRole('menuitem', { name: 'Edit' }).click()
  await expect(page.getByRole('dialog', { name: 'Edit webhook' }).getByRole('textbox', { name: 'URL' })).toHaveValue(
    'https://93.184.215.14/elsewhere'
  )
})

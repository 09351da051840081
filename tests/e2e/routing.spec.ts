import type { Locator, Page } from '@playwright/test'
import type { Category, TicketType } from '../../shared/types/api.ts'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import { api, newTeam, newTicket } from './support/people.ts'
import { expect, goTo, notification, open, openTickets, test } from './support/test.ts'

async function choose(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Change ${name}`, exact: true }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

function namesIn(list: Locator): Promise<string[]> {
  return list.locator('> li > div > div > p:first-child').allInnerTexts()
}

test('an admin builds the category tree, and an agent moves a ticket to another category', async ({ signedIn, provokes }) => {
  provokes(/409 \(Conflict\)/)
  const team = await newTeam('Routing', { admin: 'Adam Admin', member: 'Mia Member' })
  await newTicket(team.people.owner, team, { subject: 'The printer is on fire', category: 'bug' })
  const [owner, admin, agent] = [await signedIn(team.people.owner), await signedIn(team.people.admin), await signedIn(team.people.member)]

  await openTickets(owner)
  const row = owner.getByRole('row', { name: /The printer is on fire/ })
  await expect(row).toContainText('Bug')
  await openTickets(agent, '?ticket=1')
  const picker = agent.getByRole('dialog', { name: 'Ticket #001' }).getByRole('button', { name: /^Category: / })
  await expect(picker).toHaveAccessibleName('Category: Bug')

  await open(admin, '/settings/categories')
  const tree = admin.getByRole('list', { name: 'Categories' })
  await expect.poll(() => namesIn(tree)).toEqual(['Bug', 'Feature request', 'Question', 'Billing', 'Content update', 'Other'])
  await expect(tree.getByText('Clients see “Technical issue”')).toBeVisible()

  // A new category, by keyboard, after a name that is taken.
  await admin.getByRole('button', { name: 'New category' }).click()
  const form = admin.getByRole('form', { name: 'New category' })
  await expect(form.getByRole('textbox', { name: 'Name', exact: true })).toBeFocused()
  await admin.keyboard.type('BUG')
  await admin.keyboard.press('Enter')
  await expect(form.getByText('A category with this name already exists')).toBeVisible()
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Hardware')
  await form.getByRole('textbox', { name: 'Name for clients' }).fill('Devices')
  await admin.keyboard.press('Enter')
  await expect(form).toBeHidden()
  await expect.poll(() => namesIn(tree)).toEqual(['Bug', 'Feature request', 'Question', 'Billing', 'Content update', 'Other', 'Hardware'])
  await expect(tree.getByText('Clients see “Devices”')).toBeVisible()
  await expect(admin.getByRole('button', { name: 'New category' })).toBeFocused()

  // A type below it, an item below that, and a better name.
  await choose(admin, 'Hardware', 'Add type')
  await admin.getByRole('form', { name: 'New type' }).getByRole('textbox').fill('Printers')
  await admin.keyboard.press('Enter')
  const types = admin.getByRole('list', { name: 'Types of Hardware' })
  await expect.poll(() => namesIn(types)).toEqual(['Printers'])
  await choose(admin, 'Printers', 'Add item')
  await admin.getByRole('form', { name: 'New item' }).getByRole('textbox').fill('Toner')
  await admin.keyboard.press('Enter')
  await expect(types.getByText('Toner')).toBeVisible()
  await choose(admin, 'Printers', 'Rename')
  await expect(admin.getByRole('textbox', { name: 'Name of the type' })).toBeFocused()
  await admin.getByRole('textbox', { name: 'Name of the type' }).fill('Printing')
  await admin.keyboard.press('Enter')
  await expect.poll(() => namesIn(types)).toEqual(['Printing'])

  // Moved by keyboard: the focus stays on the button, and the new place is announced.
  const up = admin.getByRole('button', { name: 'Move Hardware up' })
  await up.focus()
  await admin.keyboard.press('Enter')
  await expect(admin.getByText('Hardware is now 6 of 7')).toBeAttached()
  await expect(up).toBeFocused()
  await admin.keyboard.press('Enter')
  await expect(admin.getByText('Hardware is now 5 of 7')).toBeAttached()
  await admin.reload()
  await expect.poll(() => namesIn(tree)).toEqual(['Bug', 'Feature request', 'Question', 'Billing', 'Hardware', 'Content update', 'Other'])

  // The agent, who has had the ticket open all the time, finds the whole path by words.
  await picker.click()
  const options = agent.getByRole('option')
  await expect(options.filter({ hasText: 'Hardware' })).toHaveText(['Hardware', 'Hardware › Printing', 'Hardware › Printing › Toner'])
  await agent.keyboard.type('tonr hardware')
  await expect(options).toHaveText(['Hardware › Printing › Toner'])
  await agent.keyboard.press('Enter')
  await expect(picker).toHaveAccessibleName('Category: Hardware › Printing › Toner')
  await expect(row).toContainText('Hardware')
  await expect(row).toContainText('Printing › Toner')

  // The confirmation names the consequences, and every page shows them.
  await admin.getByRole('button', { name: 'Types of Hardware' }).click()
  await expect(admin.getByRole('listitem').filter({ hasText: 'Hardware' }).getByText('1 ticket').first()).toBeVisible()
  await choose(admin, 'Hardware', 'Delete')
  const question = admin.getByRole('dialog', { name: 'Delete “Hardware”?' })
  await expect(question).toContainText('1 ticket moves to “Other”. Its 1 type and 1 item are deleted too. This cannot be undone.')
  await question.getByRole('button', { name: 'Delete category' }).click()
  await expect(notification(admin, 'Hardware was deleted')).toBeVisible()
  await expect.poll(() => namesIn(tree)).toEqual(['Bug', 'Feature request', 'Question', 'Billing', 'Content update', 'Other'])
  await expect(picker).toHaveAccessibleName('Category: Other')
  await expect(row).toContainText('Other')
  await picker.click()
  await expect(options.filter({ hasText: 'Hardware' })).toHaveCount(0)
  await expect(options.filter({ hasText: 'Other' })).toBeVisible()

  // The category that took the ticket cannot be deleted, and says why.
  await expect(tree.getByText('Tickets of deleted categories move here, so it cannot be deleted')).toBeVisible()
  await admin.getByRole('button', { name: 'Change Other', exact: true }).click()
  await expect(admin.getByRole('menuitem', { name: 'Rename' })).toBeVisible()
  await expect(admin.getByRole('menuitem', { name: 'Delete' })).toHaveCount(0)
})

test('a new ticket is filed by its whole category path, and a refused change of the category is taken back', async ({
  signedIn,
  provokes
}) => {
  provokes(/400 \(Bad Request\)/)
  const team = await newTeam('Filing')
  const { owner } = team.people
  const page = await signedIn(owner)

  await test.step('A new ticket is filed by its whole path', async () => {
    const [bug] = await api<Category[]>(owner, 'GET', `/api/teams/${team.id}/cti/categories`)
    const type = await api<TicketType>(owner, 'POST', `/api/teams/${team.id}/cti/types`, {
      category_id: bug!.id,
      name: 'Network'
    })
    await api(owner, 'POST', `/api/teams/${team.id}/cti/items`, { type_id: type.id, name: 'VPN' })
    await openTickets(page)
    await page.getByRole('button', { name: 'New ticket' }).first().click()
    const form = page.getByRole('dialog', { name: 'New ticket' })
    await form.getByRole('textbox', { name: 'Subject' }).fill('The tunnel is dark')
    await form.getByRole('textbox', { name: 'Description' }).fill('Since this morning.')
    await form.getByRole('button', { name: 'Category: Other' }).click()
    await page.keyboard.type('vpn')
    await page.keyboard.press('Enter')
    await expect(form.getByRole('button', { name: 'Category: Bug › Network › VPN' })).toBeVisible()
    await form.getByRole('button', { name: 'Create ticket' }).click()
    await expect(
      page.getByRole('dialog', { name: 'Ticket #001' }).getByRole('button', { name: 'Category: Bug › Network › VPN' })
    ).toBeVisible()
  })

  await test.step('A refused change of the category is taken back with a message', async () => {
    await newTicket(owner, team, { subject: 'The door is locked', category: 'question' })
    await goTo(page, '/tickets?ticket=2')
    const picker = page.getByRole('dialog', { name: 'Ticket #002' }).getByRole('button', { name: /^Category: / })
    await expect(picker).toHaveAccessibleName('Category: Question')
    const held = Promise.withResolvers<undefined>()
    await page.route('**/tickets/*', async route => {
      if (route.request().method() !== 'PATCH') return route.fallback()
      await held.promise
      // The server refuses it as it refuses a category that was just deleted.
      await route.continue({ postData: JSON.stringify({ category: 'no_longer_there' }) })
    })
    await picker.click()
    await page.keyboard.type('billing')
    await page.keyboard.press('Enter')
    await expect(picker).toHaveAccessibleName('Category: Billing')
    held.resolve(undefined)
    await expect(notification(page, 'The ticket was not changed')).toBeVisible()
    await expect(picker).toHaveAccessibleName('Category: Question')
  })
})

test('a viewer reads the categories but cannot change them, in both themes and on a phone', async ({ signedIn }) => {
  const team = await newTeam('Reading', { viewer: 'Vera Viewer' })
  const [bug] = await api<Category[]>(team.people.owner, 'GET', `/api/teams/${team.id}/cti/categories`)
  await api(team.people.owner, 'POST', `/api/teams/${team.id}/cti/types`, {
    category_id: bug!.id,
    name: 'A type with a name that is much too long for the narrow screen of a telephone'
  })
  for (const person of [team.people.viewer, team.people.owner]) {
    const page = await signedIn(person, { viewport: { width: 375, height: 812 } })
    await open(page, '/settings/categories')
    await page.getByRole('button', { name: 'Types of Bug' }).click()
    await expect(page.getByRole('list', { name: 'Types of Bug' })).toContainText('A type with a name')
    await expect(page.getByRole('button', { name: /^(Change|Move|New category)/ })).toHaveCount(person === team.people.viewer ? 0 : 8)
    await expectAccessible(page)
    await expectToFit(page)
  }
})

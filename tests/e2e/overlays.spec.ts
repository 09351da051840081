import { newTeam, newTicket } from './support/people.ts'
import { expect, openTickets, test } from './support/test.ts'

test('whoever clicks elsewhere while a menu is open stays there', async ({ signedIn }) => {
  const team = await newTeam('Elsewhere')
  await newTicket(team.people.owner, team, { subject: 'Untouched' })
  const page = await signedIn(team.people.owner)
  await openTickets(page)
  const row = page.locator('tbody tr')
  const search = page.getByRole('combobox', { name: 'Search tickets' })

  await page.keyboard.press('j')
  await expect(row).toBeFocused()
  await page.keyboard.press('p')
  await expect(page.getByPlaceholder('Change priority to…')).toBeFocused()
  await search.click()
  await expect(page.getByPlaceholder('Change priority to…')).toHaveCount(0)
  await page.keyboard.type('x')
  await expect(search).toHaveValue('x')
  await expect(page.getByRole('toolbar', { name: 'Selected tickets' })).toHaveCount(0)
  await search.fill('')

  await page.getByRole('button', { name: 'Display options' }).click()
  await expect(page.getByRole('radio', { name: 'Compact' })).toBeVisible()
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  const filter = page.getByRole('dialog', { name: 'Filter' })
  await expect(page.getByRole('radio', { name: 'Compact' })).toHaveCount(0)
  await expect(filter.getByLabel('Created from')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(filter).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Filter', exact: true }), 'who closes it by key is back at its button').toBeFocused()
})

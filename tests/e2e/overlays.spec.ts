import { newTeam, newTicket } from './support/people.ts'
import { expect, goTo, openTickets, test, type BrowserOptions } from './support/test.ts'

const withMotion: BrowserOptions = { reducedMotion: 'no-preference', preloads: true }

test('a closed overlay keeps the focus where the person clicked, and takes no key, however fast the next one comes', async ({
  signedIn
}) => {
  const team = await newTeam('Fast')
  await newTicket(team.people.owner, team, { subject: 'Touched' })
  const page = await signedIn(team.people.owner, withMotion)
  await openTickets(page)
  const row = page.locator('tbody tr')
  const search = page.getByRole('combobox', { name: 'Search tickets' })
  const slideover = page.getByRole('dialog', { name: 'Ticket #001', includeHidden: true })
  const again = async () => {
    await expect(slideover).toHaveCount(0)
    await page.locator('tbody tr').press('Enter')
    await expect(slideover.getByRole('button', { name: /^Status/ })).toBeVisible()
  }

  await test.step('a click outside of a menu', async () => {
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
    await expect(search).toHaveValue('')
    await goTo(page, '/tickets?ticket=1')
  })

  await test.step('a menu', async () => {
    await slideover.getByRole('button', { name: /^Status: Open/ }).click()
    await page.getByRole('menuitem', { name: 'In Progress' }).click()
    await page.keyboard.press('Escape')
    await again()
  })
  await test.step('a select', async () => {
    await slideover.getByRole('combobox', { name: 'Severity' }).click()
    await page.getByRole('option', { name: /SEV 2/ }).click()
    await page.keyboard.press('Escape')
    await again()
  })
  await test.step('a select with a search', async () => {
    await slideover.getByRole('button', { name: 'Assignee' }).click()
    await page.getByRole('option', { name: 'Olga Owens' }).click()
    await page.keyboard.press('Escape')
    await again()
  })
  await test.step('the palette', async () => {
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('dialog', { name: 'Command palette' }).getByRole('combobox')).toBeFocused()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await expect(slideover).toHaveCount(0)
  })
  await test.step('a popover', async () => {
    await page.getByRole('button', { name: 'Display options' }).click()
    await expect(page.getByRole('radio', { name: 'Compact' })).toBeVisible()
    await page.keyboard.press('Escape')
    await page.keyboard.press('j')
    await expect(page.locator('tbody tr')).toBeFocused()
  })
})

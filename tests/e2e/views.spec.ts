import { readFile } from 'node:fs/promises'
import type { Category, TicketItem, TicketType } from '../../shared/types/api.ts'
import { expectAccessible } from './support/accessible.ts'
import { api, newTeam, newTicket } from './support/people.ts'
import { expect, goTo, openTickets, test } from './support/test.ts'

test('a view changes when it is narrowed, and a page behind the last one leads back to the first', async ({ signedIn }) => {
  const team = await newTeam('Another list')
  await newTicket(team.people.owner, team, { subject: 'There' })
  const page = await signedIn(team.people.owner)
  await openTickets(page, '?status=open&page=2')

  await test.step('A page behind the last one of a filtered list leads back to the first', async () => {
    await expect(page.getByText('This page does not exist')).toBeVisible()
    await page.getByRole('button', { name: 'Go to the first page' }).click()
    await expect(page.locator('tbody tr')).toHaveText([/There/])
    await expect(page).toHaveURL(/status=open$/)
  })

  await test.step('A narrowed view is a changed view, and a list that is reached in another way is not a view', async () => {
    await newTicket(team.people.owner, team, { subject: "Nobody's" })
    await newTicket(team.people.owner, team, { subject: 'Mine', assigned_to: team.people.owner.id })
    await goTo(page, '/tickets')
    const heading = page.getByRole('heading', { level: 1 })
    const view = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Unassigned/ })

    await view.click()
    await expect(heading).toHaveText('Unassigned')
    await page.getByRole('button', { name: /Waiting$/ }).click()
    await expect(page.getByRole('button', { name: 'View changed' })).toBeVisible()
    await expect(heading).toHaveText('Unassigned')

    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await expect(page.locator('tbody tr')).toHaveText([/Mine/])
    await expect(heading).toHaveText('Tickets')
    await expect(page.getByRole('button', { name: 'View', exact: true })).toBeVisible()
    await expect(view).not.toHaveAttribute('aria-current', 'page')

    await page.goBack()
    await expect(page.getByRole('button', { name: 'View changed' })).toBeVisible()
    await expect(heading).toHaveText('Unassigned')
  })
})

test('a list is exported with its filters and its order, unless a viewer asks', async ({ signedIn }) => {
  const team = await newTeam('Exported', { viewer: 'Vera Viewer' })
  await newTicket(team.people.owner, team, { subject: 'Zebra, "striped"', priority: 'urgent' })
  await newTicket(team.people.owner, team, { subject: 'Calm', priority: 'low' })
  await newTicket(team.people.owner, team, { subject: 'Aardvark', priority: 'high' })
  const [olga, vera] = [await signedIn(team.people.owner), await signedIn(team.people.viewer)]
  await openTickets(olga, '?priority=urgent&priority=high&sort=subject&order=desc&q=-nonsense')
  await expect(olga.locator('tbody tr')).toHaveText([/Zebra/, /Aardvark/])
  await olga.getByRole('button', { name: 'Display options' }).click()
  const link = olga.getByRole('link', { name: 'Export 2 tickets as CSV' })
  await expect(link).toBeVisible()
  await expectAccessible(olga)
  const [download] = await Promise.all([olga.waitForEvent('download'), link.click()])
  expect(download.suggestedFilename()).toBe('tickets.csv')
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n')
  expect(lines.map(line => line.split(',')[1])).toEqual(['"number"', '1', '3'])
  expect(lines[1]).toContain('"Zebra, ""striped"""')

  await openTickets(vera)
  await vera.getByRole('button', { name: 'Display options' }).click()
  await expect(vera.getByRole('radio', { name: 'Compact' })).toBeVisible()
  await expect(vera.getByRole('link', { name: /^Export/ })).toHaveCount(0)
})

test('a list is narrowed by the days of resolution and by the whole category path', async ({ signedIn }) => {
  const team = await newTeam('Days')
  const { owner } = team.people
  const page = await signedIn(owner)

  await test.step('The days of resolution narrow the list', async () => {
    await newTicket(owner, team, { subject: 'Still open' })
    await newTicket(owner, team, { subject: 'Done', status: 'resolved' })
    await openTickets(page)
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    const filter = page.getByRole('dialog', { name: 'Filter' })
    await filter.getByLabel('Resolved from').fill('2020-01-01')
    await expect(page.locator('tbody tr')).toHaveText([/Done/])
    await filter.getByRole('group', { name: 'Resolved' }).getByLabel('until').fill('2020-01-31')
    await expect(page.locator('tbody tr')).toHaveCount(0)
    await expect(page).toHaveURL(/resolved_from=2020-01-01&resolved_to=2020-02-01/)
    await expectAccessible(page)
    await page.reload()
    await page.getByRole('button', { name: 'Resolved 1 Jan 2020 – 31 Jan 2020. Remove this filter' }).click()
    await expect(page.locator('tbody tr')).toHaveCount(2)
  })

  await test.step('The category, the type and the item narrow the list', async () => {
    const cti = `/api/teams/${team.id}/cti`
    const bug = (await api<Category[]>(owner, 'GET', `${cti}/categories`)).find(({ key }) => key === 'bug')!
    const type = await api<TicketType>(owner, 'POST', `${cti}/types`, { category_id: bug.id, name: 'Printers' })
    const item = await api<TicketItem>(owner, 'POST', `${cti}/items`, { type_id: type.id, name: 'Toner' })
    await newTicket(owner, team, { subject: 'No toner', category: 'bug', type_id: type.id, item_id: item.id })
    await newTicket(owner, team, { subject: 'No paper', category: 'bug', type_id: type.id })
    await goTo(page, '/dashboard')
    await goTo(page, '/tickets')
    await expect(page.locator('tbody tr')).toHaveCount(4)
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await page.getByRole('dialog', { name: 'Filter' }).getByRole('button', { name: 'Item', exact: true }).click()
    await page.getByRole('option', { name: 'Bug › Printers › Toner' }).click()
    await expect(page.locator('tbody tr')).toHaveText([/No toner/])
    await page.reload()
    await expect(page.getByRole('button', { name: 'Item: Toner. Remove this filter' })).toBeVisible()
    await expect(page.locator('tbody tr')).toHaveText([/No toner/])
  })
})

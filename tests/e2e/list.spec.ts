import type { Locator, Page, Route } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { api, newTeam, newTicket, type Person, type TestTeam } from './support/people.ts'
import { expect, goTo, notification, openTickets, pressAtOnce, test } from './support/test.ts'

const narrow = { width: 375, height: 740 }

test('two colleagues share a list: changes, new tickets and saved views of one reach the other', async ({ signedIn }) => {
  const team = await newTeam('Many', { member: 'Mia Member' })
  const { owner, member } = team.people
  await newTickets(owner, team, ['One', 'Two', 'Three'])
  const [olga, mia] = [await signedIn(owner), await signedIn(member)]
  await Promise.all([openTickets(olga), openTickets(mia)])

  await test.step('The owner changes, restores and deletes several tickets at once, and the colleague sees it', async () => {
    await row(olga, 'One').hover()
    await selectBox(olga, 'One').click()
    await selectBox(olga, 'Two').click()
    const bar = olga.getByRole('toolbar', { name: 'Selected tickets' })
    await expect(bar).toContainText('2 selected')
    await expect(olga.getByText('2 tickets selected')).toBeAttached()
    await bar.getByRole('button', { name: 'Status' }).click()
    await olga.getByRole('option', { name: 'Waiting' }).click()

    for (const page of [olga, mia]) {
      await expect(row(page, 'One')).toContainText('Waiting')
      await expect(row(page, 'Two')).toContainText('Waiting')
      await expect(row(page, 'Three')).toContainText('Open')
    }
    await expect(bar, 'the selection stays').toContainText('2 selected')
    await expect(row(mia, 'One').getByText('Changed.')).toBeAttached()
    await expect(row(olga, 'One').getByText('Changed.')).toHaveCount(0)
    await notification(olga, '2 tickets changed').waitFor()
    await olga.getByRole('button', { name: 'Undo' }).click()
    for (const page of [olga, mia]) await expect(page.getByRole('row').filter({ hasText: 'Waiting' })).toHaveCount(0)
    await expect(notification(olga, '2 tickets restored')).toBeVisible()

    await bar.getByRole('button', { name: 'Delete' }).click()
    await olga.getByRole('dialog', { name: 'Delete 2 tickets?' }).getByRole('button', { name: 'Delete 2 tickets' }).click()
    await expect(row(olga, 'One')).toHaveCount(0)
    await expect(row(mia, 'One')).toContainText('Deleted')
    await expect(bar).toBeHidden()
    await expect(olga.locator('tbody tr')).toHaveCount(1)
  })

  await test.step('New tickets wait above the list, and no row moves', async () => {
    await goTo(mia, '/dashboard')
    const [first] = await newTickets(owner, team, ['Calm', 'Middle'])
    await goTo(mia, '/tickets?status=open')
    const subjects = mia.locator('tbody tr td:nth-child(3) p')
    await expect(subjects).toHaveText(['Middle', 'Calm', 'Three'])

    await newTicket(owner, team, { subject: 'Worst of all', severity: 1 })
    await newTicket(owner, team, { subject: 'Another' })
    const show = mia.getByRole('button', { name: '2 new — show' })
    await expect(show).toBeVisible()
    await expect(mia.getByRole('button', { name: '5 Open' })).toBeVisible()
    await expect(mia.getByRole('heading', { level: 1 }).locator('..')).toContainText('5')
    await expect(subjects).toHaveText(['Middle', 'Calm', 'Three'])

    await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${first!.id}`, { status: 'waiting' })
    await expect(row(mia, 'Calm')).toContainText('No longer in this list')
    await expect(subjects).toHaveText(['Middle', 'Calm', 'Three'])
    await newTicket(member, team, { subject: 'My own' })
    await expect(row(mia, 'My own')).toBeVisible()
    await show.click()
    await expect(subjects).toHaveText(['Worst of all', 'My own', 'Another', 'Middle', 'Three'])
    await expect(show).toBeHidden()
  })

  await test.step('A view is saved, changed, reset and shared, and the colleague sees it with its count', async () => {
    await newTicket(owner, team, { subject: 'Burning', priority: 'urgent' })
    await newTicket(owner, team, { subject: 'Low', priority: 'low' })
    await Promise.all([goTo(olga, '/tickets?priority=urgent'), goTo(mia, '/tickets')])
    const menu = (page: Page) => page.getByRole('navigation', { name: 'Main' })

    await olga.getByRole('button', { name: 'View', exact: true }).click()
    await olga.getByRole('menuitem', { name: 'Save as…' }).click()
    const form = olga.getByRole('dialog', { name: 'Save as a view' })
    await form.getByRole('button', { name: 'Save view' }).click()
    await expect(form.getByText('Name is required')).toBeVisible()
    await form.getByRole('textbox', { name: 'Name' }).fill('Fires')
    await form.getByRole('switch', { name: 'Share with the team' }).click()
    await form.getByRole('button', { name: 'Save view' }).click()
    await expect(olga.getByRole('heading', { level: 1, name: 'Fires' })).toBeVisible()
    await expect(menu(olga).getByRole('link', { name: /^Fires/ })).toHaveAttribute('aria-current', 'page')

    const hers = menu(mia).getByRole('link', { name: /^Fires/ })
    await expect(hers).toContainText('1')
    await newTicket(owner, team, { subject: 'Also burning', priority: 'urgent' })
    await expect(hers).toContainText('2')
    await hers.click()
    await expect(mia.getByRole('heading', { level: 1, name: 'Fires' })).toBeVisible()
    await expect(row(mia, 'Also burning')).toBeVisible()
    await expect(row(mia, 'Low')).toHaveCount(0)

    await olga.getByRole('button', { name: /Open$/ }).first().click()
    await olga.getByRole('button', { name: 'View changed' }).click()
    await olga.getByRole('menuitem', { name: 'Reset' }).click()
    await expect(olga).not.toHaveURL(/status=open/)
    await olga.getByRole('button', { name: /Open$/ }).first().click()
    await olga.getByRole('button', { name: 'View changed' }).click()
    await olga.getByRole('menuitem', { name: 'Save', exact: true }).click()
    await expect(olga.getByRole('button', { name: 'View', exact: true })).toBeVisible()
    await olga.getByRole('button', { name: 'View', exact: true }).click()
    await olga.getByRole('menuitem', { name: 'Delete…' }).click()
    await olga.getByRole('button', { name: 'Delete view' }).click()
    await expect(hers).toHaveCount(0)
  })

  await test.step('Density and columns follow a person to another device', async () => {
    const laptop = await signedIn(owner)
    await goTo(olga, '/tickets')
    await expect.poll(async () => await height(row(olga, 'Three'))).toBeGreaterThanOrEqual(52)
    await olga.getByRole('button', { name: 'Display options' }).click()
    const saved = () => olga.waitForResponse(response => response.url().endsWith('/api/profile') && response.request().method() === 'PATCH')
    await Promise.all([saved(), olga.getByRole('radio', { name: 'Compact' }).click()])
    await Promise.all([saved(), olga.getByRole('checkbox', { name: 'Updated' }).click()])
    await openTickets(laptop)
    await expect.poll(async () => await height(row(laptop, 'Three'))).toBeLessThanOrEqual(41)
    await expect(laptop.getByRole('columnheader', { name: 'Updated' })).toBeVisible()
  })

  await test.step('An empty list shows the ticket that a colleague created while the agent was in the settings', async () => {
    await goTo(mia, '/tickets?tag=vip')
    await expect(mia.getByText('No tickets found')).toBeVisible()
    await goTo(mia, '/settings/profile')
    await expect(mia.getByRole('textbox', { name: 'Name' })).toBeVisible()
    await newTicket(owner, team, { subject: 'First of its kind', tags: ['vip'] })
    await mia.goBack()
    await expect(row(mia, 'First of its kind')).toBeVisible()
  })
})

test('every action of the list works by keyboard, and its overlays are in order in both themes', async ({ signedIn }) => {
  const team = await newTeam('Keys of the list', { member: 'Mia Member' })
  const first = 'First & foremost'
  await newTickets(team.people.owner, team, [first, 'Two', 'Three', 'Four'])
  const page = await signedIn(team.people.owner)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await openTickets(page, '?sort=created_at&order=asc')
  const bar = page.getByRole('toolbar', { name: 'Selected tickets' })

  await test.step('Keys move, select, change, open and search, but do nothing while a person types', async () => {
    await expect(row(page, 'Four')).toBeVisible()

    await page.keyboard.press('j')
    await expect(row(page, first)).toBeFocused()
    await page.keyboard.press('ArrowDown')
    await expect(row(page, 'Two')).toBeFocused()
    await page.keyboard.press('x')
    await page.keyboard.press('Shift+J')
    await expect(bar).toContainText('2 selected')
    await expect(row(page, 'Three')).toBeFocused()
    await page.keyboard.press('s')
    await page.keyboard.type('wait')
    await page.keyboard.press('Enter')
    await expect(row(page, 'Two')).toContainText('Waiting')
    await expect(row(page, 'Three')).toContainText('Waiting')
    await expect(row(page, first)).toContainText('Open')
    await notification(page, '2 tickets changed').waitFor()
    await page.keyboard.press('z')
    await expect(page.getByRole('row').filter({ hasText: 'Waiting' })).toHaveCount(0)
    await page.keyboard.press('Escape')
    await expect(bar).toBeHidden()

    await row(page, 'Three').focus()
    await page.keyboard.press('a')
    await page.keyboard.type('Mia')
    await page.keyboard.press('Enter')
    await expect(row(page, 'Three')).toContainText('Mia Member')
    await expect(row(page, 'Three')).toBeFocused()
    await page.keyboard.press('l')
    await page.keyboard.type('vip')
    await page.keyboard.press('Enter')
    await expect(row(page, 'Three').getByText('vip', { exact: true })).toBeVisible()
    await page.keyboard.press('p')
    await page.keyboard.type('urgent')
    await page.keyboard.press('Enter')
    await expect(row(page, 'Three')).toContainText('Urgent')

    await expect(row(page, 'Three')).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog', { name: 'Ticket #003' })).toBeVisible()
    await page.keyboard.press('j')
    await expect(page.getByRole('dialog', { name: 'Ticket #004' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(row(page, 'Four')).toBeFocused()

    await page.keyboard.press('/')
    await page.keyboard.type('xjs')
    await expect(page.getByRole('combobox', { name: 'Search tickets' })).toHaveValue('xjs')
    await expect(page).toHaveURL(/q=xjs/)
    await expect(bar).toBeHidden()
  })

  await test.step('. copies the number, .. adds the title and ... adds the address, in the list and in the ticket', async () => {
    await goTo(page, '/tickets?sort=created_at&order=asc')
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
    const toasts = page.getByRole('region', { name: /^Notifications/, includeHidden: true }).getByText(/copied$/)

    await row(page, first).focus()
    await page.keyboard.press('.')
    await expect(toasts).toHaveText(['#001 was copied'])
    await expect.poll(clipboard).toBe('#001')

    await page.keyboard.press('j')
    await expect(row(page, 'Two')).toBeFocused()
    await pressAtOnce(page, ['.', '.'])
    await expect(toasts).toHaveText(['#002 and its title were copied'])
    await expect.poll(clipboard).toBe('#002 Two')

    await page.keyboard.press('k')
    await expect(row(page, first)).toBeFocused()
    await page.keyboard.press('Enter')
    const ticket = page.getByRole('dialog', { name: 'Ticket #001' })
    await expect(ticket.getByText('Nobody has replied yet')).toBeVisible()
    await pressAtOnce(page, ['.', '.', '.'])
    await expect(toasts).toHaveText(['#001, its title and its address were copied'])
    await expect.poll(clipboard).toBe(`#001 First & foremost ${new URL(page.url()).origin}/tickets?ticket=1`)

    await page.keyboard.press('?')
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await expect(sheet.getByText('Copy number, title and address')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(sheet).toBeHidden()

    // In a text field, . is a full stop.
    await page.keyboard.press('r')
    const reply = ticket.getByRole('textbox', { name: 'Reply' })
    await expect(reply).toBeFocused()
    await page.keyboard.type('Done.')
    await expect(reply).toHaveValue('Done.')
    expect(await clipboard()).toMatch(/ticket=1$/)
  })

  await test.step('A selection, its menus and the display options are in order in both themes', async () => {
    await goTo(page, '/dashboard')
    await goTo(page, '/tickets')
    await page.getByRole('checkbox', { name: 'Select all on this page' }).click()
    await expect(bar).toBeVisible()
    await expectAccessible(page)
    await bar.getByRole('button', { name: 'Severity' }).click()
    await expect(page.getByRole('option', { name: /SEV 1/ })).toBeVisible()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Display options' }).click()
    await expect(page.getByRole('radio', { name: 'Compact' })).toBeVisible()
    await expectAccessible(page)
  })
})

test('a bulk change in the background shows its progress after a reload and reports its end', async ({ signedIn }) => {
  const team = await newTeam('Reloaded')
  await newTickets(team.people.owner, team, ['One', 'Two'])
  const page = await signedIn(team.people.owner)
  await openTickets(page)
  // The answers of a larger change: two tickets are changed too fast to see the progress.
  const goesOn = async (route: Route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...((await response.json()) as object), status: 'running', processed: 1 } })
  }
  await page.route('**/tickets/bulk', goesOn)
  await page.route('**/operations/*', goesOn)
  await selectBox(page, 'One').click()
  await selectBox(page, 'Two').click()
  await page.getByRole('toolbar', { name: 'Selected tickets' }).getByRole('button', { name: 'Priority' }).click()
  await page.getByRole('option', { name: 'High' }).click()
  await expect(page.getByText('Changing 1 of 2')).toBeVisible()

  await page.reload()
  await expect(page.getByText('Changing 1 of 2')).toBeVisible()
  await page.unroute('**/operations/*')
  await page.reload()
  await expect(notification(page, '2 tickets changed')).toBeVisible()
  await expect(page.getByText(/^Changing \d/)).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(notification(page, '2 tickets restored')).toBeVisible()

  await page.reload()
  await expect(row(page, 'One')).toBeVisible()
  await expect(notification(page, '2 tickets changed')).toHaveCount(0)
})

test('cards are selected and changed at 375 px', async ({ signedIn }) => {
  const team = await newTeam('Pocket')
  await newTickets(team.people.owner, team, ['One', 'Two'])
  const page = await signedIn(team.people.owner, { viewport: narrow, hasTouch: true })
  await openTickets(page)
  await page.getByRole('checkbox', { name: /^Select #001/ }).click()
  await page.getByRole('checkbox', { name: /^Select #002/ }).click()
  const bar = page.getByRole('toolbar', { name: 'Selected tickets' })
  await expect(bar).toContainText('2 selected')
  await expect(bar).toBeInViewport({ ratio: 1 })
  await expectAccessible(page)
  await bar.getByRole('button', { name: 'Status' }).click()
  await page.getByRole('option', { name: 'Waiting' }).click()
  await expect(page.getByRole('list', { name: 'Tickets' }).getByText('Waiting')).toHaveCount(2)
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
})

async function newTickets(person: Person, team: TestTeam, subjects: string[]) {
  const tickets = []
  for (const subject of subjects) tickets.push(await newTicket(person, team, { subject }))
  return tickets
}

function row(page: Page, subject: string): Locator {
  return page.locator('tbody tr').filter({ has: page.getByText(subject, { exact: true }) })
}

function selectBox(page: Page, subject: string): Locator {
  return row(page, subject).getByRole('checkbox')
}

async function height(locator: Locator): Promise<number> {
  return (await locator.boundingBox())?.height ?? 0
}

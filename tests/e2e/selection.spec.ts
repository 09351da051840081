import type { Locator, Page } from '@playwright/test'
import { api, newTeam, newTicket } from './support/people.ts'
import { expect, notification, openTickets, test } from './support/test.ts'

const corners = [
  [-12, -12],
  [12, -12],
  [-12, 12],
  [12, 12]
] as const

test('keys change the tickets that were selected with the pointer, and the selection follows what colleagues change', async ({
  signedIn
}) => {
  const team = await newTeam('Pointer and keys', { admin: 'Adam Admin' })
  const { owner, admin } = team.people
  const [one, two, three] = [
    await newTicket(owner, team, { subject: 'One' }),
    await newTicket(owner, team, { subject: 'Two' }),
    await newTicket(owner, team, { subject: 'Three' })
  ]
  const page = await signedIn(owner)
  await openTickets(page, '?sort=created_at&order=asc')
  const bar = page.getByRole('toolbar', { name: 'Selected tickets' })
  const all = page.getByRole('checkbox', { name: 'Select all on this page' })

  await test.step('Keys change what the pointer selected', async () => {
    await row(page, 'One').getByRole('checkbox').click()
    await row(page, 'Two').getByRole('checkbox').click()
    await page.keyboard.press('p')
    await page.keyboard.type('urgent')
    await page.keyboard.press('Enter')
    await expect(row(page, 'One')).toContainText('Urgent')
    await expect(row(page, 'Two')).toContainText('Urgent')
    await expect(row(page, 'Three')).toContainText('Normal')
    await notification(page, '2 tickets changed').waitFor()

    await row(page, 'Two').getByRole('checkbox').click()
    await expect(bar).toContainText('1 selected')
    await page.keyboard.press('Space')
    await expect(bar, 'a box is still a box').toContainText('2 selected')
    await page.keyboard.press('j')
    await expect(row(page, 'Three')).toBeFocused()
    await row(page, 'One').getByRole('checkbox').click()
    await expect(bar).toContainText('1 selected')
    await page.keyboard.press('Escape')
    await expect(bar).toBeHidden()
  })

  await test.step('24 by 24 pixels belong to a box, although it looks smaller (WCAG 2.5.8)', async () => {
    for (const [x, y] of corners) {
      await clickBeside(page, all, x, y)
      await expect(bar).toContainText('3 selected')
      await clickBeside(page, row(page, 'Two').getByRole('checkbox'), x, y)
      await expect(bar).toContainText('2 selected')
      await clickBeside(page, row(page, 'Two').getByRole('checkbox'), x, y)
      await clickBeside(page, all, x, y)
      await expect(bar).toBeHidden()
    }
    await clickBeside(page, row(page, 'One').getByRole('checkbox'), 12, 12)
    await page.keyboard.down('Shift')
    await clickBeside(page, row(page, 'Three').getByRole('checkbox'), 12, 12)
    await page.keyboard.up('Shift')
    await expect(bar).toContainText('3 selected')
    expect(await page.evaluate(() => String(getSelection())), 'no text is selected').toBe('')
  })

  await test.step('A ticket that a colleague deletes leaves the selection, and the others can still be changed', async () => {
    await api(admin, 'DELETE', `/api/teams/${team.id}/tickets/${one.id}`)
    await expect(row(page, 'One')).toContainText('Deleted')
    await expect(bar).toContainText('2 selected')
    await all.click()
    await expect(bar).toBeHidden()
    await expect(row(page, 'One').getByRole('checkbox')).toBeDisabled()
    await all.click()
    await expect(bar).toContainText('2 selected')
    await bar.getByRole('button', { name: 'Priority' }).click()
    await page.getByRole('option', { name: 'High' }).click()
    await expect(row(page, 'Two')).toContainText('High')
    await expect(row(page, 'Three')).toContainText('High')
    await expect(notification(page, '2 tickets changed').first()).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(bar).toBeHidden()
  })

  await test.step('A change without effect does not hide what a colleague changes', async () => {
    await row(page, 'Three').focus()
    await page.keyboard.press('p')
    await page.keyboard.type('high')
    await page.keyboard.press('Enter')
    await expect(notification(page, 'Nothing to change')).toBeVisible()
    await api(admin, 'PATCH', `/api/teams/${team.id}/tickets/${three.id}`, { priority: 'low' })
    await expect(row(page, 'Three')).toContainText('Low')
    await expect(row(page, 'Three').getByText('Changed.')).toBeAttached()
  })

  await test.step('A closed ticket is offered its next statuses only', async () => {
    await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${two.id}`, { status: 'closed' })
    await expect(row(page, 'Two')).toContainText('Closed')
    await row(page, 'Two').focus()
    await page.keyboard.press('s')
    await expect(page.getByRole('option')).toHaveText(['Open', 'Closed'])
    await page.keyboard.type('open')
    await page.keyboard.press('Enter')
    await expect(row(page, 'Two')).toContainText('Open')
  })
})

test('Ctrl+A selects the page, then all matching tickets on every page; in a field its text, and for a viewer nothing', async ({
  signedIn
}) => {
  const team = await newTeam('All of them', { viewer: 'Vic Viewer' })
  const { owner, viewer } = team.people
  for (let number = 1; number <= 26; number++) await newTicket(owner, team, { subject: `Ticket ${number}` })
  const page = await signedIn(owner)
  await openTickets(page)
  const bar = page.getByRole('toolbar', { name: 'Selected tickets' })

  await page.keyboard.press('/')
  const search = page.getByRole('combobox', { name: 'Search tickets' })
  await expect(search).toBeFocused()
  await page.keyboard.type('kept')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('Ticket')
  await expect(search, 'the text was selected').toHaveValue('Ticket')
  await expect(page).toHaveURL(/q=Ticket/)
  await expect(bar).toBeHidden()

  // Single keys are switched off; keys with a modifier still work.
  await api(owner, 'PATCH', '/api/profile', { preferences: { shortcuts: false } })
  await openTickets(page)
  await page.keyboard.press('x')
  await page.keyboard.press('Control+a')
  await expect(bar).toContainText('25 selected')
  await expect(bar.getByRole('button', { name: 'Select all 26 matching' })).toBeVisible()
  await page.keyboard.down('Control')
  await page.keyboard.down('a')
  await page.keyboard.down('a')
  await page.keyboard.up('a')
  await page.keyboard.up('Control')
  await expect(bar).toContainText('26 selected')
  await expect(page.getByText('26 tickets selected')).toBeAttached()
  await page.keyboard.press('Control+a')
  await expect(bar).toContainText('26 selected')
  await page.keyboard.press('Escape')
  await expect(bar).toBeHidden()

  // Held down, the keys select the page only.
  await page.keyboard.down('Control')
  for (let time = 0; time < 4; time++) await page.keyboard.down('a')
  await page.keyboard.up('a')
  await page.keyboard.up('Control')
  await expect(bar).toContainText('25 selected')

  await bar.getByRole('button', { name: 'Select all 26 matching' }).click()
  await expect(bar).toContainText('26 selected')
  await bar.getByRole('button', { name: 'Priority' }).click()
  await page.getByRole('option', { name: 'High' }).click()
  await expect(notification(page, '26 tickets changed')).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: 'High' })).toHaveCount(25)
  await page.getByRole('button', { name: 'Next Page' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'High' })).toHaveCount(1)

  const vic = await signedIn(viewer)
  await openTickets(vic)
  await vic.keyboard.press('Control+a')
  await vic.keyboard.press('?')
  await expect(vic.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Next row')).toBeVisible()
  await expect(vic.getByText('Select the page')).toHaveCount(0)
  await expect(vic.getByRole('toolbar', { name: 'Selected tickets' })).toHaveCount(0)
})

function row(page: Page, subject: string): Locator {
  return page.locator('tbody tr').filter({ has: page.getByText(subject, { exact: true }) })
}

/** Clicks `x` and `y` pixels away from the centre of an element, just inside. */
async function clickBeside(page: Page, element: Locator, x: number, y: number): Promise<void> {
  await element.scrollIntoViewIfNeeded()
  const box = (await element.boundingBox())!
  await page.mouse.click(box.x + box.width / 2 + x - Math.sign(x) * 0.5, box.y + box.height / 2 + y - Math.sign(y) * 0.5)
}

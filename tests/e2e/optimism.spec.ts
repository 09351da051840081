import type { Locator, Page } from '@playwright/test'
import { newTeam, newTicket } from './support/people.ts'
import { expect, notification, openTickets, test } from './support/test.ts'

test('a change of status, priority or assignee is shown at once and taken back with a message when it is refused', async ({
  signedIn,
  provokes
}) => {
  provokes(/response 503|status of 503/)
  const team = await newTeam('Optimism', { member: 'Mia Member' })
  await newTicket(team.people.owner, team, { subject: 'Nothing is lost' })
  const page = await signedIn(team.people.owner)
  await openTickets(page)
  const row = page.getByRole('row', { name: /Nothing is lost/ })
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })

  await test.step('the status, in the list', async () => {
    const refuse = await holdChanges(page)
    await row.getByRole('button', { name: /^Status: Open/ }).click()
    await page.getByRole('menuitem', { name: 'Waiting' }).click()
    await expect(row.getByRole('button', { name: /^Status: Waiting/ })).toBeVisible()
    await refuse()
    await expectTakenBack(page, 'The status was not changed', row.getByRole('button', { name: /^Status: Open/ }))
  })

  await row.getByText('Nothing is lost').click()

  await test.step('the priority, in the ticket', async () => {
    const refuse = await holdChanges(page)
    await slideover.getByRole('button', { name: /^Priority: Normal/ }).click()
    await page.getByRole('menuitem', { name: 'Urgent' }).click()
    await expect(slideover.getByRole('button', { name: /^Priority: Urgent/ })).toBeVisible()
    await expect(page.locator('tbody tr').first()).toContainText('Urgent')
    await refuse()
    await expectTakenBack(page, 'The ticket was not changed', slideover.getByRole('button', { name: /^Priority: Normal/ }))
  })

  await test.step('the assignee, in the ticket', async () => {
    const refuse = await holdChanges(page)
    const assignee = slideover.getByLabel('Assignee', { exact: true })
    await assignee.click()
    await page.getByRole('option', { name: 'Mia Member' }).click()
    await expect(assignee).toContainText('Mia Member')
    await refuse()
    await expectTakenBack(page, 'The ticket was not changed', assignee.filter({ hasNotText: 'Mia Member' }))
  })
})

/** Holds changes of tickets until `refuse`, which answers the waiting one with 503 and removes the route. */
async function holdChanges(page: Page): Promise<() => Promise<void>> {
  const refusal = Promise.withResolvers<undefined>()
  const refused = page.waitForResponse(response => response.request().method() === 'PATCH')
  await page.route('**/tickets/*', async route => {
    if (route.request().method() !== 'PATCH') return route.fallback()
    await refusal.promise
    await route.fulfill({
      status: 503,
      contentType: 'application/json',
      body: JSON.stringify({
        statusCode: 503,
        statusMessage: 'Service Unavailable',
        message: 'The database is not there',
        data: { code: 'unavailable' }
      })
    })
  })
  return async () => {
    refusal.resolve(undefined)
    await refused
    await page.unroute('**/tickets/*')
  }
}

async function expectTakenBack(page: Page, words: string, before: Locator): Promise<void> {
  await expect(before).toBeVisible()
  await expect(notification(page, words)).toBeVisible()
  await page
    .getByRole('region', { name: /^Notifications/, includeHidden: true })
    .getByRole('button', { name: 'Close', includeHidden: true })
    .click()
  await expect(notification(page, words)).toHaveCount(0)
}

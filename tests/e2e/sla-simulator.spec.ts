import { expectAccessible } from './support/accessible.ts'
import { api, newReply, newTeam, newTicket } from './support/people.ts'
import { expect, open, test } from './support/test.ts'

test('an admin tries a policy on the last 90 days by keyboard, opens a ticket that differs, and saves', async ({ signedIn }) => {
  const team = await newTeam('Trying', { admin: 'Mona Manager', member: 'Mia Member' })
  const { owner, admin, member } = team.people
  const answered = await newTicket(owner, team, { subject: 'The lift is stuck' })
  await newReply(member, answered, 'A technician is on the way.')

  const page = await signedIn(admin)
  await open(page, '/settings/sla')
  await page.getByRole('button', { name: 'New policy' }).press('Enter')
  const form = page.getByRole('dialog', { name: 'New SLA policy' })
  const attempt = form.getByRole('button', { name: 'Try on the last 90 days' })

  await test.step('A draft that is wrong is not tried', async () => {
    await attempt.press('Enter')
    await expect(form.getByText('Name is required')).toBeVisible()
  })

  await test.step('The result shows what would change, ticket by ticket', async () => {
    await form.getByLabel('Name').fill('Standard')
    await form.getByLabel('First response, Normal').fill('4h')
    await attempt.press('Enter')
    await expect(form.getByText('1 result differs')).toBeVisible()
    const row = form.getByRole('region', { name: 'Results, table' }).getByRole('row', { name: 'First response' })
    await expect(row.getByRole('cell')).toHaveText(['1', 'none ended', '100% of 1', '0', '0'])
    await expectAccessible(page)
    const [ticket] = await Promise.all([
      page.waitForEvent('popup'),
      form
        .getByRole('list', { name: 'Tickets with another result' })
        .getByRole('link', { name: /The lift is stuck/ })
        .press('Enter')
    ])
    await expect(ticket).toHaveURL(new RegExp(`ticket=${answered.ticket_number}`))
    await ticket.close()
  })

  await test.step('A later change makes the result old; saving is possible at any time', async () => {
    await form.getByLabel('First response, Normal').fill('2h')
    await expect(form.getByText('You have changed the draft since.')).toBeVisible()
    await form.getByRole('button', { name: 'Add policy' }).press('Enter')
    await expect(form).toBeHidden()
    await expect(page.getByRole('list', { name: 'SLA policies' })).toContainText('Standard')
  })
})

test('an admin tries other hours of a calendar at 375 px; the result is still there when the form is opened again', async ({
  signedIn
}) => {
  const team = await newTeam('Hours tried', { admin: 'Mona Manager' })
  const { owner, admin } = team.people
  const hours = [1, 2, 3, 4, 5, 6, 7].map(weekday => ({ weekday, opens: '00:00', closes: '24:00' }))
  const calendar = await api<{ id: string }>(owner, 'POST', `/api/teams/${team.id}/calendars`, { name: 'Always', time_zone: 'UTC', hours })
  await api(owner, 'POST', `/api/teams/${team.id}/sla-policies`, {
    name: 'Standard',
    calendar_id: calendar.id,
    targets: { resolution: { low: 3600, normal: 3600, high: 3600, urgent: 3600 } }
  })
  await newTicket(owner, team, { subject: 'The lift is stuck' })

  const page = await signedIn(admin, { viewport: { width: 375, height: 740 } })
  await open(page, '/settings/calendars')
  await page.getByRole('button', { name: 'Always' }).press('Enter')
  const form = page.getByRole('dialog', { name: 'Edit calendar' })
  await form.getByRole('button', { name: 'Try on the last 90 days' }).press('Enter')
  await expect(form.getByText('no result differs')).toBeVisible()
  await expectAccessible(page)
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
  await page.keyboard.press('Escape')
  await expect(form).toBeHidden()
  await page.getByRole('button', { name: 'Always' }).press('Enter')
  await expect(form.getByText('no result differs')).toBeVisible()
})

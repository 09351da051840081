import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { parse } from 'csv-parse/sync'
import { expectAccessible } from './support/accessible.ts'
import { api, newReply, newTeam, newTicket } from './support/people.ts'
import { expect, open, test } from './support/test.ts'

test('a manager reads the reports of 30 and of 90 days, opens a table and downloads it', async ({ signedIn }) => {
  const team = await newTeam('Reporting', { admin: 'Mona Manager', member: 'Mia Member' })
  const { owner, admin, member } = team.people
  const tickets = []
  for (const severity of [1, 1, 2])
    tickets.push(await newTicket(owner, team, { subject: 'The lift is stuck', severity, category: 'bug', assigned_to: member.id }))
  await newReply(member, tickets[0]!, 'A technician is on the way.')
  await api(member, 'PATCH', `/api/teams/${team.id}/tickets/${tickets[0]!.id}`, { status: 'resolved' })

  const page = await signedIn(admin)
  await open(page, '/dashboard')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Reports' }).click()
  await expect(page).toHaveURL(/\/reports$/)
  await expect(page).toHaveTitle(/^Reports/)
  await expect(page.getByRole('button', { name: '30 days' })).toHaveAttribute('aria-pressed', 'true')
  await expect(figure(page, 'Created')).toContainText('3')
  await expect(figure(page, 'Resolved')).toContainText('1')
  await expect(figure(page, 'Open and waiting now')).toContainText('2')

  // Each chart has a table for people who do not see the chart.
  const days = page.getByRole('table', { name: 'Created and resolved' })
  await expect(days.getByRole('row')).toHaveCount(31)
  await expect(page.getByRole('table', { name: 'Open and waiting by severity' }).getByRole('row', { name: 'SEV 1' })).toContainText('1')
  await expect(page.getByRole('table', { name: 'Queue load' }).getByRole('row', { name: 'Bug' })).toContainText('2')

  await page.getByRole('link', { name: 'Resolved: 1, show the tickets' }).click()
  await expect(page.getByRole('table', { name: 'Tickets' }).locator('tbody tr')).toHaveCount(1)
  await page.goBack()
  await page.getByRole('link', { name: 'Created: 3, show the tickets' }).click()
  await expect(page.getByRole('table', { name: 'Tickets' }).locator('tbody tr')).toHaveCount(3)
  await page.goBack()

  await page.getByRole('button', { name: '90 days' }).click()
  await expect(page).toHaveURL(/window=90/)
  await expect(days.getByRole('row')).toHaveCount(91)
  await page.reload()
  await expect(page.getByRole('button', { name: '90 days' })).toHaveAttribute('aria-pressed', 'true')

  const agents = page.getByRole('region', { name: 'By agent', exact: true })
  await expect(agents.locator('svg path').first()).toBeVisible()
  const table = agents.getByRole('button', { name: 'By agent: table' })
  await table.click()
  await expect(table).toHaveAttribute('aria-pressed', 'true')
  const row = agents.getByRole('row', { name: 'Mia Member' })
  await expect(row).toBeInViewport()
  await expect(row.getByRole('cell')).toHaveText(['2', '1', /min$/, /min$/, '1', '—', '0', '0'])

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    agents.getByRole('link', { name: 'By agent: download as CSV' }).click()
  ])
  expect(download.suggestedFilename()).toBe('per_agent-90-days.csv')
  const file = await readFile(await download.path())
  expect(file.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
  const [header, ...rows] = parse(file, { bom: true }) as unknown as string[][]
  expect(header).toEqual([
    'Agent',
    'Open and waiting',
    'Resolved',
    'Median resolution (hours)',
    'Median first response (hours)',
    'Replies',
    'Average rating',
    'Ratings',
    'Asked for a rating'
  ])
  expect(rows.map(([agent, unresolved, resolved, , , replies]) => [agent, unresolved, resolved, replies])).toEqual([
    ['Mia Member', '2', '1', '1'],
    ['Mona Manager', '0', '0', '0'],
    ['Olga Owens', '0', '0', '0']
  ])

  await test.step('Without policies, the SLA leads to its settings', async () => {
    await expect(page.getByRole('region', { name: 'SLA', exact: true }).getByRole('link', { name: 'Go to Settings › SLA' })).toBeVisible()
  })
  await expectAccessible(page)

  // On paper: no navigation, every table, and light though the screen is dark.
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden()
  await expect(page.getByRole('heading', { name: 'Report of Reporting' })).toBeVisible()
  expect((await days.boundingBox())!.height).toBeGreaterThan(1_000)
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)')
})

test('a report is live and says when there is nothing to report', async ({ signedIn }) => {
  const team = await newTeam('Quiet')
  const page = await signedIn(team.people.owner, { viewport: { width: 375, height: 740 } })
  await open(page, '/reports?window=14')
  await expect(page.getByText('No tickets in the last 14 days')).toBeVisible()
  await expect(page.getByText('Live', { exact: true }).first()).toBeAttached()

  await newTicket(team.people.owner, team, { subject: 'The first of all' })
  await expect(figure(page, 'Created')).toContainText('1')
  await expect(page.getByRole('table', { name: 'Open and waiting by severity' }).getByRole('row', { name: 'SEV 3' })).toContainText('1')
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
})

test('a manager reads by keyboard how the SLA was kept and what is due next, at 375 px, in light and in dark', async ({ signedIn }) => {
  const team = await newTeam('Promising', { admin: 'Mona Manager', member: 'Mia Member' })
  const { owner, admin, member } = team.people
  const anHour = { low: 3600, normal: 3600, high: 3600, urgent: 3600 }
  await api(owner, 'POST', `/api/teams/${team.id}/sla-policies`, {
    name: 'Standard',
    targets: { first_response: anHour, resolution: { ...anHour, normal: 7200 } }
  })
  const answered = await newTicket(owner, team, { subject: 'The lift is stuck', category: 'bug', assigned_to: member.id })
  await newReply(member, answered, 'A technician is on the way.')
  await api(member, 'PATCH', `/api/teams/${team.id}/tickets/${answered.id}`, { status: 'resolved' })
  const unanswered = await newTicket(owner, team, { subject: 'The lift is stuck again', assigned_to: member.id })

  const page = await signedIn(admin, { viewport: { width: 375, height: 740 } })
  await open(page, '/reports?window=14')
  await expect(figure(page, 'SLA compliance')).toHaveText('100%')
  await expect(figure(page, 'SLA missed')).toHaveText('0')
  const table = page.getByRole('table', { name: 'SLA compliance in detail' })
  await expect(table.getByRole('row', { name: 'Standard' }).getByRole('cell')).toHaveText(['100% of 1', '—', '100% of 1', '100% of 2'])
  const thisWeek = page.getByRole('table', { name: 'SLA compliance by week' }).getByRole('row').last()
  await expect(thisWeek.getByRole('cell')).toHaveText(['100%', '1', '—', '0', '100%', '1'])
  await page.getByRole('group', { name: 'SLA compliance by' }).getByRole('button', { name: 'Agent' }).press('Enter')
  await expect(table.getByRole('row', { name: 'Mia Member' }).getByRole('cell').last()).toHaveText('100% of 2')
  await expectAccessible(page)
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
  await table.getByRole('link', { name: 'Mia Member, Resolution: 100% of 1, show the tickets' }).press('Enter')
  await expect(page.getByText('The lift is stuck', { exact: true }).first()).toBeVisible()
  await expect(page.getByText('The lift is stuck again')).toHaveCount(0)
  await page.goBack()

  await page.getByRole('button', { name: 'SLA compliance by week: table' }).press('Enter')
  await thisWeek.getByRole('link').first().press('Enter')
  await expect(page).toHaveURL(/metric(:|%3A)first_response/)
  await expect(page.getByText('The lift is stuck', { exact: true }).first()).toBeVisible()
  await expect(page.getByText('The lift is stuck again')).toHaveCount(0)
  await page.goBack()

  const due = page.getByRole('list', { name: 'Due next' }).getByRole('link')
  await expect(due).toHaveText([/The lift is stuck again.*First response/])
  await newTicket(owner, team, { subject: 'Live' })
  await expect(due).toHaveCount(2)
  await due.first().press('Enter')
  await expect(page).toHaveURL(new RegExp(`ticket=${unanswered.ticket_number}`))
  await page.goBack()
  await page.getByRole('link', { name: 'Overdue now: 0, show the tickets' }).press('Enter')
  await expect(page).toHaveURL(/q=is(:|%3A)overdue/)
})

function figure(page: Page, label: string) {
  return page
    .locator('dl > div')
    .filter({ has: page.getByText(label, { exact: true }) })
    .locator('dd')
    .first()
}

import type { Locator, Page } from '@playwright/test'
import type { Profile } from '../../shared/types/api.ts'
import { api, demoPerson, newReply, newTeam, newTicket, type Person, type TestTeam } from './support/people.ts'
import { revoke } from './support/session.ts'
import { expect, open, openTickets, test } from './support/test.ts'

const bell = (page: Page) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Notifications/ })
const rows = (page: Page) => page.getByRole('main').getByRole('listitem')
const slideover = (page: Page) => page.getByRole('dialog', { name: /^Ticket/ })

/** Expects this unread count at the bell. */
async function expectUnread(page: Page, count: number): Promise<void> {
  await expect(bell(page)).toHaveAccessibleName(count ? `Notifications ${count} unread` : 'Notifications')
}

const assign = (team: TestTeam, by: Person, ticket: { id: string }, to: Person | null) =>
  api(by, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { assigned_to: to?.id ?? null })

/** Waits until the page has a live connection. */
async function waitUntilLive(page: Page): Promise<void> {
  await expect(page.getByText('Live', { exact: true }).first()).toBeAttached()
}

test('an assignment notifies the assignee in every window at once, and opening the ticket marks it as read', async ({ signedIn }) => {
  const team = await newTeam('Bells', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const ticket = await newTicket(owner, team, { subject: 'VPN drops every hour' })
  const [ofBob, second, ofOlga] = await Promise.all([signedIn(bob), signedIn(bob), signedIn(owner)])
  await openTickets(ofBob)
  await openTickets(second)
  await openTickets(ofOlga, `?ticket=${ticket.ticket_number}`)
  await expectUnread(ofBob, 0)

  await slideover(ofOlga).getByRole('button', { name: 'Assignee' }).click()
  await ofOlga.getByRole('option', { name: 'Bob Byrd' }).click()
  await expectUnread(ofBob, 1)
  await expectUnread(second, 1)
  await expect(ofBob).toHaveTitle('(1) Tickets · Switchboard')

  await ofBob.keyboard.press('g')
  await ofBob.keyboard.press('n')
  await expect(ofBob).toHaveURL(/\/notifications$/)
  const row = ofBob.getByRole('region', { name: 'Today' }).getByRole('listitem')
  await expect(row).toHaveCount(1)
  await expect(row).toContainText('Olga Owens assigned this to you')
  await row.getByRole('link', { name: 'Unread: #001 VPN drops every hour' }).click()
  await expect(slideover(ofBob)).toContainText('VPN drops every hour')
  await expectUnread(second, 0)
  await expect(ofBob).toHaveTitle('#001 · Tickets · Switchboard')
  await expect(ofOlga).toHaveTitle('#001 · Tickets · Switchboard')
})

test('when a session ends elsewhere, the other windows of the person join the new channel', async ({ signedIn }) => {
  const team = await newTeam('Moves', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const ticket = await newTicket(owner, team, { subject: 'After the move' })
  const elsewhere = await demoPerson(bob.email)
  const topicOf = async () => (await api<Profile>(bob, 'GET', '/api/profile')).realtime_topic
  const page = await signedIn(bob)
  const joins: string[] = []
  page.on('websocket', socket =>
    socket.on('framesent', ({ payload }) => String(payload).includes('phx_join') && joins.push(String(payload)))
  )
  await openTickets(page)
  await waitUntilLive(page)
  const before = await topicOf()
  expect(joins.some(frame => frame.includes(`"realtime:${before}"`))).toBe(true)

  await revoke(elsewhere, 'local')
  const after = await topicOf()
  expect(after).not.toBe(before)
  await expect.poll(() => joins.some(frame => frame.includes(`"realtime:${after}"`))).toBe(true)
  await waitUntilLive(page)
  await assign(team, owner, ticket, bob)
  await expectUnread(page, 1)
})

test('own actions and kinds that are switched off send no notification', async ({ signedIn }) => {
  const team = await newTeam('Quiet', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const ticket = await newTicket(bob, team, { subject: "Bob's own" })
  const page = await signedIn(bob)
  await open(page, '/settings/notifications')
  await waitUntilLive(page)
  await api(bob, 'PUT', `/api/teams/${team.id}/tickets/${ticket.id}/claim`)
  await newReply(bob, ticket, 'I am on it')

  const replies = page.getByRole('switch', { name: 'Replies: in the app' })
  await expect(replies).toBeChecked()
  const saved = page.waitForResponse(
    response => response.url().endsWith('/notification-preferences') && response.request().method() === 'PUT'
  )
  await replies.click()
  expect((await saved).status()).toBe(200)
  await page.reload()
  await expect(replies).not.toBeChecked()
  await waitUntilLive(page)
  await newReply(owner, ticket, 'Not notified')
  await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'resolved' })
  // Events are dispatched in order, so the reply would have been counted by now.
  await expectUnread(page, 1)
  await bell(page).click()
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page)).toContainText('Olga Owens resolved it')
})

test('a follower is notified of replies, and each notification links to its reply', async ({ signedIn }) => {
  const team = await newTeam('Followers', { viewer: 'Vera Vale', member: 'Bob Byrd' })
  const { owner, viewer: vera, member: bob } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Worth watching' })
  const [ofVera, ofBob] = await Promise.all([signedIn(vera), signedIn(bob)])
  await openTickets(ofVera, '?ticket=1')
  await openTickets(ofBob, '?ticket=1')
  const follow = (page: Page) => slideover(page).getByRole('button', { name: /^Follow/ })
  await expect(follow(ofVera)).toHaveAttribute('aria-pressed', 'false')
  await expect(follow(ofVera)).toBeEnabled()
  await ofVera.keyboard.press('w')
  await expect(follow(ofVera)).toHaveAttribute('aria-pressed', 'true')
  await expect(follow(ofVera)).toHaveAccessibleName('Follow, followed by you')
  await expect(follow(ofBob)).toHaveAccessibleName('Follow, followed by Vera Vale')
  await slideover(ofVera).getByRole('button', { name: 'Close', exact: true }).click()
  await slideover(ofBob).getByRole('button', { name: 'Close', exact: true }).click()

  const [first] = [
    await newReply(owner, ticket, 'The first of them'),
    await newReply(owner, ticket, `Between\n\n${'long\n\n'.repeat(60)}`),
    await newReply(owner, ticket, 'The last', true)
  ]
  await expectUnread(ofVera, 3)
  await expectUnread(ofBob, 0)
  await bell(ofVera).click()
  await expect(rows(ofVera)).toHaveCount(3)
  await expect(rows(ofVera).first()).toContainText('Olga Owens wrote an internal note')
  await expect(rows(ofVera).first()).toContainText('The last')
  await rows(ofVera).nth(2).getByRole('link').click()
  await expect(ofVera).toHaveURL(new RegExp(`/tickets\\?ticket=1#reply-${first.id}$`))
  await expect(slideover(ofVera).getByText('The first of them')).toBeInViewport()
  await expect(ofVera).toHaveTitle('#001 · Tickets · Switchboard')
  await follow(ofVera).click()
  await expect(follow(ofVera)).toHaveAttribute('aria-pressed', 'false')
})

test('the end of a snooze of an unassigned ticket notifies the person who snoozed it', async ({ signedIn }) => {
  const team = await newTeam('Alarms', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Call them back' })
  const [ofBob, ofOlga] = await Promise.all([signedIn(bob), signedIn(owner)])
  await Promise.all([openTickets(ofBob), openTickets(ofOlga)])
  await Promise.all([waitUntilLive(ofBob), waitUntilLive(ofOlga)])
  await expectUnread(ofBob, 0)

  await api(bob, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { snoozed_until: new Date(Date.now() + 4_000).toISOString() })
  await expect(bell(ofBob)).toHaveAccessibleName('Notifications 1 unread')
  await expect(ofBob).toHaveTitle('(1) Tickets · Switchboard')
  await bell(ofBob).click()
  await expect(rows(ofBob)).toHaveCount(1)
  await expect(rows(ofBob)).toContainText('Snooze ended')
  await rows(ofBob).getByRole('link', { name: 'Unread: #001 Call them back' }).click()
  await expect(slideover(ofBob)).toContainText('It woke up')
  await expect(ofBob).toHaveTitle('#001 · Tickets · Switchboard')

  // With an assignee, only the assignee is notified.
  await assign(team, owner, ticket, owner)
  await api(bob, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { snoozed_until: new Date(Date.now() + 4_000).toISOString() })
  await expect(bell(ofOlga)).toHaveAccessibleName('Notifications 1 unread')
  await open(ofBob, '/notifications')
  await expect(rows(ofBob)).toHaveCount(1)

  await open(ofBob, '/settings/notifications')
  for (const way of ['in the app', 'by mail']) await expect(ofBob.getByRole('switch', { name: `Snooze ended: ${way}` })).toBeChecked()
})

test('notifications can be navigated, filtered and marked as read with the keyboard alone', async ({ signedIn }) => {
  const team = await newTeam('Keys', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  for (const subject of ['One', 'Two', 'Three']) await assign(team, owner, await newTicket(owner, team, { subject }), bob)
  const page = await signedIn(bob)
  await open(page, '/notifications')
  await expect(rows(page)).toHaveCount(3)
  const link = (subject: string): Locator => page.getByRole('main').getByRole('link', { name: subject })
  await page.keyboard.press('j')
  await expect(link('Three')).toBeFocused()
  await page.keyboard.press('j')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('k')
  await expect(link('Two')).toBeFocused()
  await page.keyboard.press('m')
  await expectUnread(page, 2)
  await expect(link('Two')).toHaveAccessibleName(/^#002/)
  await expect(link('One')).toHaveAccessibleName(/^Unread: #001/)

  await page.getByRole('button', { name: 'Unread', exact: true }).press('Enter')
  await expect(page).toHaveURL(/\?show=unread$/)
  await expect(rows(page)).toHaveCount(2)
  await page.reload()
  await expect(rows(page)).toHaveCount(2)
  await page.keyboard.press('j')
  await page.keyboard.press('m')
  await expect(rows(page)).toHaveCount(1)
  await expect(link('One')).toBeFocused()
  await page.getByRole('button', { name: 'Mark all as read' }).press('Enter')
  await expect(page.getByText('You’re all caught up')).toBeVisible()
  await expectUnread(page, 0)
  await page.getByRole('button', { name: 'Show all' }).press('Enter')
  await expect(rows(page)).toHaveCount(3)
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(slideover(page)).toContainText('Three')
})

test('notifications are loaded in pages, and a new one is added at the top', async ({ signedIn }) => {
  const team = await newTeam('Many', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Busy', assigned_to: bob.id })
  for (let number = 1; number <= 40; number++) await newReply(owner, ticket, `Reply ${number}`)
  const page = await signedIn(bob)
  await open(page, '/notifications')
  await expectUnread(page, 41)
  await expect(rows(page)).toHaveCount(30)
  await page.getByRole('button', { name: 'Load more' }).click()
  await expect(rows(page)).toHaveCount(41)
  await expect(page.getByRole('button', { name: 'Load more' })).toHaveCount(0)
  await waitUntilLive(page)
  await newReply(owner, ticket, 'The newest')
  await expect(rows(page)).toHaveCount(42)
  await expect(rows(page).first()).toContainText('The newest')
})

test('all unread notifications can be marked as read at once, and a new one appears in the list', async ({ signedIn }) => {
  const team = await newTeam('Heaps', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Busy', assigned_to: bob.id })
  for (let number = 1; number <= 35; number++) await newReply(owner, ticket, `Reply ${number}`)
  const page = await signedIn(bob)
  await open(page, '/notifications?show=unread')
  await expect(rows(page)).toHaveCount(30)
  await waitUntilLive(page)
  // The answer arrives after the broadcast about it.
  await page.route('**/notifications/read', async route => {
    const response = await route.fetch()
    await page.waitForResponse(answer => answer.url().endsWith('/notifications/count'))
    await route.fulfill({ response })
  })
  await page.keyboard.press('j')
  await page.keyboard.press('m')
  await expectUnread(page, 35)
  await page.unroute('**/notifications/read')
  await page.getByRole('button', { name: 'Mark all as read' }).click()
  await expect(page.getByText('You’re all caught up')).toBeVisible()
  await expectUnread(page, 0)
  await newReply(owner, ticket, 'The newest')
  await expect(rows(page)).toHaveText([/The newest/])
  await expect(page.getByText('This could not be loaded')).toHaveCount(0)
})

test('a former member gets no notifications of the team, and their list is empty', async ({ signedIn, provokes }) => {
  provokes(/status of 404 .*\/api\/teams\//)
  const team = await newTeam('Leavers', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const own = await api<{ id: string }>(bob, 'POST', '/api/teams', { name: "Bob's own" })
  const ticket = await newTicket(owner, team, { subject: 'A secret', assigned_to: bob.id })
  const page = await signedIn(bob)
  await api(bob, 'PATCH', '/api/profile', { last_team_id: team.id })
  await openTickets(page)
  await waitUntilLive(page)
  await expectUnread(page, 1)
  await api(owner, 'DELETE', `/api/teams/${team.id}/members/${bob.id}`)
  await expect(page.getByText('You no longer belong to Leavers').first()).toBeVisible()
  await expectUnread(page, 0)
  await newReply(owner, ticket, 'Another secret')
  await assign({ ...team, id: own.id }, bob, await newTicket(bob, { ...team, id: own.id }, { subject: 'Mine' }), null)
  await open(page, '/notifications')
  await expect(page.getByText('You’re all caught up')).toBeVisible()
})

test('the notification page fits 375 px and can be loaded again after a failure', async ({ signedIn, provokes }) => {
  provokes(/503/)
  const team = await newTeam('Looks', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const ticket = await newTicket(owner, team, {
    subject: 'A subject that is long enough to be cut off on a narrow screen, whatever it says',
    assigned_to: bob.id
  })
  await newReply(owner, ticket, 'Some words of a reply that are more than fit', true)
  const page = await signedIn(bob, { viewport: { width: 375, height: 740 } })
  await open(page, '/notifications')
  await expect(rows(page)).toHaveCount(2)
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
  await page.route('**/notifications?*', route =>
    route.fulfill({ status: 503, contentType: 'application/json', body: '{"statusCode":503,"message":"We are being repaired"}' })
  )
  await page.reload()
  await expect(page.getByText('This could not be loaded')).toBeVisible()
  await page.unroute('**/notifications?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(rows(page)).toHaveCount(2)

  await open(page, '/settings/api-keys')
  await expect(page.getByRole('navigation', { name: 'Settings' }).first().getByRole('link', { name: 'API keys' })).toBeInViewport()
})

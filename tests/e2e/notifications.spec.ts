import type { Locator, Page } from '@playwright/test'
import type { Profile, Ticket } from '../../shared/types/api.ts'
import { failRequests } from './support/failure.ts'
import { api, demoPerson, newReply, newTeam, newTicket, type Person, type TestTeam } from './support/people.ts'
import { revoke } from './support/session.ts'
import { expect, goTo, open, openTickets, test } from './support/test.ts'

const bell = (page: Page) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Notifications/ })
const rows = (page: Page) => page.getByRole('main').getByRole('listitem')
const slideover = (page: Page) => page.getByRole('dialog', { name: /^Ticket/ })

/** The bell shows this number. */
async function expectUnread(page: Page, count: number): Promise<void> {
  await expect(bell(page)).toHaveAccessibleName(count ? `Notifications ${count} unread` : 'Notifications')
}

const assign = (team: TestTeam, by: Person, ticket: { id: string }, to: Person | null) =>
  api(by, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { assigned_to: to?.id ?? null })

/** Waits until the page receives changes. */
async function isLive(page: Page): Promise<void> {
  await expect(page.getByText('Live', { exact: true }).first()).toBeAttached()
}

test('a person is notified at once in every window when a ticket is assigned to them or its snooze ends', async ({ signedIn }) => {
  const team = await newTeam('Bells', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const ticket = await newTicket(owner, team, { subject: 'VPN drops every hour' })
  const [ofBob, second, ofOlga] = await Promise.all([signedIn(bob), signedIn(bob), signedIn(owner)])
  const joins: string[] = []
  ofBob.on('websocket', socket =>
    socket.on('framesent', ({ payload }) => String(payload).includes('phx_join') && joins.push(String(payload)))
  )
  await Promise.all([openTickets(ofBob), openTickets(second), openTickets(ofOlga, `?ticket=${ticket.ticket_number}`)])

  await test.step('An assignment is announced in each window, and opening the ticket marks it as read', async () => {
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

  await test.step('The end of a snooze is announced to the person who set it if the ticket is unassigned, else to the assignee', async () => {
    const ticket = await newTicket(owner, team, { subject: 'Call them back' })
    await Promise.all([goTo(ofBob, '/tickets'), goTo(ofOlga, '/tickets')])
    await expectUnread(ofBob, 0)

    await api(bob, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { snoozed_until: new Date(Date.now() + 2_000).toISOString() })
    await expect(bell(ofBob)).toHaveAccessibleName('Notifications 1 unread')
    await expect(ofBob).toHaveTitle('(1) Tickets · Switchboard')
    await bell(ofBob).click()
    await expect(rows(ofBob)).toHaveText([/Snooze ended/, /assigned this to you/])
    await rows(ofBob).getByRole('link', { name: 'Unread: #002 Call them back' }).click()
    await expect(slideover(ofBob)).toContainText('It woke up')
    await expect(ofBob).toHaveTitle('#002 · Tickets · Switchboard')

    // With an assignee, the assignee is notified instead of Bob.
    await assign(team, owner, ticket, owner)
    await api(bob, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { snoozed_until: new Date(Date.now() + 2_000).toISOString() })
    await expect(bell(ofOlga)).toHaveAccessibleName('Notifications 1 unread')
    await goTo(ofBob, '/notifications')
    await expect(rows(ofBob)).toHaveCount(2)

    await goTo(ofBob, '/settings/notifications')
    for (const channel of ['in the app', 'by mail'])
      await expect(ofBob.getByRole('switch', { name: `Snooze ended: ${channel}` })).toBeChecked()
  })

  await test.step('A session of the person that ends elsewhere moves their channel, and the open windows follow', async () => {
    const ticket = await newTicket(owner, team, { subject: 'After the move' })
    const elsewhere = await demoPerson(bob.email)
    const topicOf = async () => (await api<Profile>(bob, 'GET', '/api/profile')).realtime_topic
    const before = await topicOf()
    expect(joins.some(frame => frame.includes(`"realtime:${before}"`))).toBe(true)

    await revoke(elsewhere, 'local')
    const after = await topicOf()
    expect(after).not.toBe(before)
    await expect.poll(() => joins.some(frame => frame.includes(`"realtime:${after}"`))).toBe(true)
    await isLive(ofBob)
    await assign(team, owner, ticket, bob)
    await expectUnread(ofBob, 1)
  })
})

test('a follower is notified of replies unless they switched that off, and nobody of what they do themselves', async ({ signedIn }) => {
  const team = await newTeam('Followers', { viewer: 'Vera Vale', member: 'Bob Byrd' })
  const { owner, viewer: vera, member: bob } = team.people
  const [ofVera, ofBob] = await Promise.all([signedIn(vera), signedIn(bob)])

  await test.step('A follower is notified of replies, and the notification leads to the reply', async () => {
    const ticket = await newTicket(owner, team, { subject: 'Worth watching' })
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

  await test.step('A person is not notified of what they do themselves, nor of replies once they switched them off', async () => {
    const ticket = await newTicket(bob, team, { subject: "Bob's own" })
    await goTo(ofBob, '/settings/notifications')
    await api(bob, 'PUT', `/api/teams/${team.id}/tickets/${ticket.id}/claim`)
    await newReply(bob, ticket, 'I am on it')

    const replies = ofBob.getByRole('switch', { name: 'Replies: in the app' })
    await expect(replies).toBeChecked()
    const saved = ofBob.waitForResponse(
      response => response.url().endsWith('/notification-preferences') && response.request().method() === 'PUT'
    )
    await replies.click()
    expect((await saved).status()).toBe(200)
    await ofBob.reload()
    await expect(replies).not.toBeChecked()
    await isLive(ofBob)
    await newReply(owner, ticket, 'Unheard')
    await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'resolved' })
    // Notifications come in the order of the events: one of the reply would have been counted before.
    await expectUnread(ofBob, 1)
    await bell(ofBob).click()
    await expect(rows(ofBob)).toHaveCount(1)
    await expect(rows(ofBob)).toContainText('Olga Owens resolved it')
  })
})

test('a person walks through, filters and reads the notifications by keyboard alone; they fit 375 px and load again', async ({
  signedIn,
  provokes
}) => {
  provokes(/503/)
  const team = await newTeam('Keys', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const long = 'Three, a subject that is long enough to be cut off on a narrow screen, whatever it says'
  const tickets: Ticket[] = []
  for (const subject of ['One', 'Two', long]) tickets.push(await newTicket(owner, team, { subject }))
  for (const ticket of tickets) await assign(team, owner, ticket, bob)
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
  await slideover(page).getByRole('textbox', { name: 'Reply' }).waitFor()

  await page.setViewportSize({ width: 375, height: 740 })
  await goTo(page, '/notifications')
  await expect(rows(page)).toHaveCount(3)
  await newReply(owner, tickets[2]!, 'Some words of a reply that are more than fit', true)
  await expect(rows(page)).toHaveCount(4)
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
  await page.setViewportSize({ width: 1280, height: 800 })
  const list = await failRequests(page, '**/notifications?*')
  await page.reload()
  await expect(page.getByText('This could not be loaded')).toBeVisible()
  await list.retry(page.getByRole('button', { name: 'Try again' }))
  await expect(rows(page)).toHaveCount(4)

  await page.setViewportSize({ width: 375, height: 740 })
  await goTo(page, '/settings/api-keys')
  await expect(page.getByRole('navigation', { name: 'Settings' }).first().getByRole('link', { name: 'API keys' })).toBeInViewport()
})

test('a long list of notifications loads page by page, and a new one arrives on top', async ({ signedIn }) => {
  const team = await newTeam('Many', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Busy', assigned_to: bob.id })
  for (let number = 1; number <= 40; number++) await newReply(owner, ticket, `Reply ${number}`)
  const page = await signedIn(bob)
  await open(page, '/notifications')

  await test.step('A new notification arrives on top of the loaded pages', async () => {
    await expectUnread(page, 41)
    await expect(rows(page)).toHaveCount(30)
    await page.getByRole('button', { name: 'Load more' }).click()
    await expect(rows(page)).toHaveCount(41)
    await expect(page.getByRole('button', { name: 'Load more' })).toHaveCount(0)
    await isLive(page)
    await newReply(owner, ticket, 'The newest')
    await expect(rows(page)).toHaveCount(42)
    await expect(rows(page).first()).toContainText('The newest')
  })

  await test.step('All unread notifications are marked as read at once, and the next one arrives in the empty list', async () => {
    await goTo(page, '/notifications?show=unread')
    await expect(rows(page)).toHaveCount(30)
    // The page hears of the change before the answer arrives.
    await page.route('**/notifications/read', async route => {
      const response = await route.fetch()
      await page.waitForResponse(answer => answer.url().endsWith('/notifications/count'))
      await route.fulfill({ response })
    })
    await page.keyboard.press('j')
    await page.keyboard.press('m')
    await expectUnread(page, 41)
    await page.unroute('**/notifications/read')
    await page.getByRole('button', { name: 'Mark all as read' }).click()
    await expect(page.getByText('You’re all caught up')).toBeVisible()
    await expectUnread(page, 0)
    await newReply(owner, ticket, 'Newer still')
    await expect(rows(page)).toHaveText([/Newer still/])
    await expect(page.getByText('This could not be loaded')).toHaveCount(0)
  })
})

test('a person who left a team is not notified by it any more, and finds no old notifications elsewhere', async ({
  signedIn,
  provokes
}) => {
  provokes(/status of 404 .*\/api\/teams\//)
  const team = await newTeam('Leavers', { member: 'Bob Byrd' })
  const { owner, member: bob } = team.people
  const own = await api<{ id: string }>(bob, 'POST', '/api/teams', { name: "Bob's own" })
  const ticket = await newTicket(owner, team, { subject: 'A secret', assigned_to: bob.id })
  const page = await signedIn(bob)
  await api(bob, 'PATCH', '/api/profile', { last_team_id: team.id })
  await openTickets(page)
  await isLive(page)
  await expectUnread(page, 1)
  await api(owner, 'DELETE', `/api/teams/${team.id}/members/${bob.id}`)
  await expect(page.getByText('You no longer belong to Leavers').first()).toBeVisible()
  await expectUnread(page, 0)
  await newReply(owner, ticket, 'Another secret')
  await assign({ ...team, id: own.id }, bob, await newTicket(bob, { ...team, id: own.id }, { subject: 'Mine' }), null)
  await goTo(page, '/notifications')
  await expect(page.getByText('You’re all caught up')).toBeVisible()
})

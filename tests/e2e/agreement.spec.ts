import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { api, newReply, newTeam, newTicket } from './support/people.ts'
import { startProxy } from './support/proxy.ts'
import { measureSync } from './support/sync.ts'
import { expect, notification, openTickets, test } from './support/test.ts'

test("two agents who have the same ticket open see each other's changes", async ({ signedIn }) => {
  const team = await newTeam('Agreement', { member: 'Mia Member' })
  await newTicket(team.people.owner, team, { subject: 'Seen by two' })
  const [olga, mia] = [await signedIn(team.people.owner), await signedIn(team.people.member)]
  await Promise.all([openTickets(olga, '?ticket=1'), openTickets(mia, '?ticket=1')])
  const [hers, mine] = [olga.getByRole('dialog', { name: 'Ticket #001' }), mia.getByRole('dialog', { name: 'Ticket #001' })]

  await expect(hers.getByText('Mia Member is viewing')).toBeVisible()
  await mine.getByRole('textbox', { name: 'Reply' }).fill('I am writing')
  await expect(hers.getByText('Mia Member is replying')).toBeVisible()
  await mine.getByRole('button', { name: 'Reply', exact: true }).click()
  await expect(hers.getByRole('region', { name: 'Conversation' }).getByText('I am writing')).toBeVisible()

  await hers.getByRole('button', { name: /^Status: Open/ }).click()
  await olga.getByRole('menuitem', { name: 'Waiting' }).click()
  await expect(mine.getByRole('button', { name: /^Status: Waiting/ })).toBeVisible()
  await hers.getByRole('button', { name: 'Edit subject' }).click()
  await hers.getByRole('textbox', { name: 'Subject' }).fill('Seen by both')
  await hers.getByRole('button', { name: 'Save' }).click()
  await expect(mine.getByRole('heading', { name: 'Seen by both' })).toBeVisible()

  await hers.getByRole('button', { name: 'More actions' }).click()
  await olga.getByRole('menuitem', { name: 'Delete ticket' }).click()
  await olga.getByRole('button', { name: 'Delete ticket' }).click()
  await expect(mine.getByText('This ticket was deleted')).toBeVisible()
})

test('12 changes of status, priority and conversation by one agent all reach another agent', async ({ signedIn }) => {
  const { fromAnswer } = await measureSync(signedIn, 12)
  expect(fromAnswer).toHaveLength(12)
})

test('two agents who tag a ticket at the same time both keep their tags', async ({ signedIn }) => {
  const team = await newTeam('Tags', { member: 'Milo Marsh' })
  const { id } = await newTicket(team.people.owner, team, { subject: 'Tagged twice', tags: ['old'] })
  const page = await signedIn(team.people.member)
  await openTickets(page, '?ticket=1')
  const tags = page.getByRole('dialog', { name: 'Ticket #001' }).getByRole('combobox', { name: 'Tags' })
  let release = () => {}
  const held = new Promise<void>(resolve => (release = resolve))
  await page.route(`**/tickets/${id}`, async route => {
    await held
    await route.fallback()
  })
  await tags.fill('mine')
  const sent = page.waitForRequest(request => request.method() === 'PATCH')
  await tags.press('Enter')
  await sent
  const url = `/api/teams/${team.id}/tickets/${id}`
  await api(team.people.owner, 'PATCH', url, { add_tags: ['theirs'] })
  const answered = page.waitForResponse(response => response.request().method() === 'PATCH')
  release()
  await answered
  for (const tag of ['mine', 'old', 'theirs'])
    await expect(
      page.getByRole('dialog', { name: 'Ticket #001' }).locator('[data-slot="itemText"]').getByText(tag, { exact: true })
    ).toBeVisible() // the history shows the tag too
  expect((await api<{ tags: string[] }>(team.people.owner, 'GET', url)).tags).toEqual(['mine', 'old', 'theirs'])
})

test("a colleague's new ticket is announced above the list and counted", async ({ signedIn }) => {
  const team = await newTeam('Arrivals', { member: 'Mia Member' })
  await newTicket(team.people.owner, team, { subject: 'There from the start' })
  const page = await signedIn(team.people.member)
  await openTickets(page)
  await expect(page.getByRole('button', { name: '1 Open' })).toBeVisible()
  await newTicket(team.people.owner, team, { subject: 'Just arrived' })
  await expect(page.getByRole('button', { name: '1 new — show' })).toBeVisible()
  await expect(page.getByRole('button', { name: '2 Open' })).toBeVisible()
  await expect(page.getByRole('row', { name: /Just arrived/ })).toHaveCount(0)
  await page.getByRole('button', { name: '1 new — show' }).click()
  await expect(page.getByRole('row', { name: /Just arrived/ })).toBeVisible()
})

test('after ten seconds without a connection a page catches up without a reload', async ({ signedIn, provokes }) => {
  provokes(/WebSocket connection to .* failed/)
  provokes(/ERR_(?:PROXY_CONNECTION_FAILED|CONNECTION_RESET) .*\/saved-views\/counts/) // refetched shortly after the page has loaded
  const proxy = await startProxy()
  const team = await newTeam('Outage', { member: 'Mia Member' })
  const { owner, member } = team.people
  const first = await newTicket(owner, team, { subject: 'Changed meanwhile' })
  const second = await newTicket(owner, team, { subject: 'Deleted meanwhile' })
  const page = await signedIn(member, { proxy: { server: proxy.url } })
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  await expect(slideover.getByText('Nobody has replied yet')).toBeVisible()
  await page.evaluate(() => Object.assign(window, { notReloaded: true }))

  proxy.cut()
  const mendAt = Date.now() + 10_000
  await expect(page.getByText('Reconnecting…')).toBeAttached()
  await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${first.id}`, { status: 'waiting', priority: 'urgent' })
  await newReply(owner, first, 'Written while you were away.')
  await api(owner, 'DELETE', `/api/teams/${team.id}/tickets/${second.id}`)
  await newTicket(owner, team, { subject: 'Created meanwhile' })
  await sleep(mendAt - Date.now())
  await expect(page.getByText('Reconnecting…')).toBeAttached()
  await expect(page.getByText('Created meanwhile')).toHaveCount(0)
  proxy.mend()

  await expect(page.getByText('Live', { exact: true })).toBeAttached()
  await expect(slideover.getByRole('button', { name: /^Status: Waiting/ })).toBeVisible()
  await expect(slideover.getByRole('button', { name: /^Priority: Urgent/ })).toBeVisible()
  await expect(slideover.getByText('Written while you were away.')).toBeVisible()
  await slideover.getByRole('button', { name: 'Close' }).click()
  await expect(page.getByRole('row', { name: /Changed meanwhile/ })).toContainText('Urgent')
  await expect(page.getByRole('row', { name: /Deleted meanwhile/ })).toContainText('No longer in this list')
  await newTicket(owner, team, { subject: 'After the outage' })
  await page.getByRole('button', { name: '2 new — show' }).click()
  await expect(page.getByRole('row', { name: /Created meanwhile/ })).toBeVisible()
  await expect(page.getByRole('row', { name: /After the outage/ })).toBeVisible()
  await expect(page.getByRole('row', { name: /Deleted meanwhile/ })).toHaveCount(0)
  expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true)
  await proxy.stop()
})

test('a removed member is notified and receives no more broadcasts', async ({ signedIn, provokes }) => {
  // Requests that are pending at the removal are refused.
  provokes(/status of 404 .*\/api\/teams\//)
  const team = await newTeam('Farewell', { member: 'Mia Member', admin: 'Aron Admin' })
  const { owner, admin, member } = team.people
  await newTicket(owner, team, { subject: 'Before' })
  const [removed, stays] = [await signedIn(member), await signedIn(admin)]
  const [framesOfRemoved, framesOfStaying] = [collectFrames(removed), collectFrames(stays)]
  await Promise.all([openTickets(removed), openTickets(stays)])
  await newTicket(owner, team, { subject: 'Broadcast to both' })
  await expect.poll(() => framesOfRemoved.some(frame => frame.includes('Broadcast to both'))).toBe(true)

  await api(owner, 'DELETE', `/api/teams/${team.id}/members/${member.id}`)
  await expect(notification(removed, 'You no longer belong to Farewell')).toBeVisible()
  await expect(removed.getByText('Broadcast to both')).toHaveCount(0)
  await expect(stays.getByText('Live', { exact: true })).toBeAttached()
  for (const subject of ['After the first', 'After the second', 'After the third']) await newTicket(owner, team, { subject })
  await stays.getByRole('button', { name: '4 new — show' }).click()
  await expect(stays.getByRole('row', { name: /After the third/ })).toBeVisible()
  await expect.poll(() => framesOfStaying.filter(frame => frame.includes('After the')).length).toBeGreaterThanOrEqual(3)
  expect(framesOfRemoved.filter(frame => frame.includes('After the'))).toEqual([])
})

function collectFrames(page: Page): string[] {
  const frames: string[] = []
  page.on('websocket', socket => socket.on('framereceived', ({ payload }) => frames.push(payload.toString())))
  return frames
}

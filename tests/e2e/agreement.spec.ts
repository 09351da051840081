import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { holdRequests } from './support/hold.ts'
import { api, newReply, newTeam, newTicket } from './support/people.ts'
import { startProxy } from './support/proxy.ts'
import { measureSync } from './support/sync.ts'
import { expect, goTo, notification, openTickets, test } from './support/test.ts'

test('two agents on one team see what the other does', async ({ signedIn }) => {
  const team = await newTeam('Agreement', { member: 'Mia Member' })
  const { owner, member } = team.people
  await newTicket(owner, team, { subject: 'Seen by two' })
  const [olga, mia] = [await signedIn(owner), await signedIn(member)]
  await Promise.all([openTickets(olga, '?ticket=1'), openTickets(mia, '?ticket=1')])

  await test.step('On one ticket, each sees the presence, the replies and the changes of the other', async () => {
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

  await test.step('Tags that both add at the same time are both kept', async () => {
    const { id } = await newTicket(owner, team, { subject: 'Tagged twice', tags: ['old'] })
    await goTo(mia, '/tickets?ticket=2')
    const tags = mia.getByRole('dialog', { name: 'Ticket #002' }).getByRole('combobox', { name: 'Tags' })
    const release = await holdRequests(mia, `**/tickets/${id}`)
    await tags.fill('mine')
    const sent = mia.waitForRequest(request => request.method() === 'PATCH')
    await tags.press('Enter')
    await sent
    const url = `/api/teams/${team.id}/tickets/${id}`
    await api(owner, 'PATCH', url, { add_tags: ['theirs'] })
    const answered = mia.waitForResponse(response => response.request().method() === 'PATCH')
    release()
    await answered
    await mia.unroute(`**/tickets/${id}`)
    for (const tag of ['mine', 'old', 'theirs'])
      await expect(
        mia.getByRole('dialog', { name: 'Ticket #002' }).locator('[data-slot="itemText"]').getByText(tag, { exact: true })
      ).toBeVisible() // the history names the tag as well
    expect((await api<{ tags: string[] }>(owner, 'GET', url)).tags).toEqual(['mine', 'old', 'theirs'])
  })

  await test.step('A new ticket of a colleague is announced above the list and counted', async () => {
    await openTickets(mia)
    await expect(mia.getByRole('button', { name: '1 Open' })).toBeVisible()
    await newTicket(owner, team, { subject: 'Just arrived' })
    await expect(mia.getByRole('button', { name: '1 new — show' })).toBeVisible()
    await expect(mia.getByRole('button', { name: '2 Open' })).toBeVisible()
    await expect(mia.getByRole('row', { name: /Just arrived/ })).toHaveCount(0)
    await mia.getByRole('button', { name: '1 new — show' }).click()
    await expect(mia.getByRole('row', { name: /Just arrived/ })).toBeVisible()
  })
})

test('each of a dozen changes of one agent reaches the other', async ({ signedIn }) => {
  const { fromAnswer } = await measureSync(signedIn, 12)
  expect(fromAnswer).toHaveLength(12)
})

test('after ten seconds without a connection both agents see the same again without a reload', async ({ signedIn, provokes }) => {
  provokes(/WebSocket connection to .* failed/)
  provokes(/ERR_(?:PROXY_CONNECTION_FAILED|CONNECTION_RESET) .*\/saved-views\/counts/) // requested again shortly after the page is ready
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

test('a removed member is told so and receives no further changes', async ({ signedIn, provokes }) => {
  // Requests of the page at that moment are refused.
  provokes(/status of 404 .*\/api\/teams\//)
  const team = await newTeam('Farewell', { member: 'Mia Member', admin: 'Aron Admin' })
  const { owner, admin, member } = team.people
  await newTicket(owner, team, { subject: 'Before' })
  const [removed, stays] = [await signedIn(member), await signedIn(admin)]
  const [framesToRemoved, heardByStaying] = [framesOf(removed), framesOf(stays)]
  await Promise.all([openTickets(removed), openTickets(stays)])
  await newTicket(owner, team, { subject: 'Heard by both' })
  await expect.poll(() => framesToRemoved.some(frame => frame.includes('Heard by both'))).toBe(true)

  await api(owner, 'DELETE', `/api/teams/${team.id}/members/${member.id}`)
  await expect(notification(removed, 'You no longer belong to Farewell')).toBeVisible()
  await expect(removed.getByText('Heard by both')).toHaveCount(0)
  await expect(stays.getByText('Live', { exact: true })).toBeAttached()
  for (const subject of ['After the first', 'After the second', 'After the third']) await newTicket(owner, team, { subject })
  await stays.getByRole('button', { name: '4 new — show' }).click()
  await expect(stays.getByRole('row', { name: /After the third/ })).toBeVisible()
  await expect.poll(() => heardByStaying.filter(frame => frame.includes('After the')).length).toBeGreaterThanOrEqual(3)
  expect(framesToRemoved.filter(frame => frame.includes('After the'))).toEqual([])
})

function framesOf(page: Page): string[] {
  const frames: string[] = []
  page.on('websocket', socket => socket.on('framereceived', ({ payload }) => frames.push(payload.toString())))
  return frames
}

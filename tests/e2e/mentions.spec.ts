import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { api, newReply, newTeam, newTicket, type Person } from './support/people.ts'
import type { Notification, Reply, ReplyDraft } from '../../shared/types/api.ts'
import { expect, openTickets, test } from './support/test.ts'

function ticketIn(page: Page, number = '001') {
  const slideover = page.getByRole('dialog', { name: `Ticket #${number}` })
  return {
    slideover,
    field: slideover.getByLabel('Reply', { exact: true }),
    note: slideover.getByLabel('Internal note', { exact: true }),
    members: slideover.getByRole('listbox', { name: 'Members' }),
    options: slideover.getByRole('listbox', { name: 'Members' }).getByRole('option'),
    conversation: slideover.getByRole('region', { name: 'Conversation' })
  }
}

test("a mention in a note is a link to the colleague's tickets, for the writer and the reader at once", async ({ signedIn }) => {
  const team = await newTeam('Mentions', { admin: 'Ann Arbor', member: 'Bob Tanaka' })
  const { owner, admin, member } = team.people
  const ticket = await newTicket(owner, team, { subject: 'VPN drops every hour' })
  await newTicket(owner, team, { subject: 'One of Bob’s', assigned_to: member.id })
  const [writer, reader] = [await signedIn(admin), await signedIn(member)]
  await openTickets(writer, '?ticket=1')
  await openTickets(reader, '?ticket=1')
  const [written, read] = [ticketIn(writer), ticketIn(reader)]

  await written.slideover.getByRole('tab', { name: 'Internal note' }).click()
  await written.note.pressSequentially('Ask @')
  // The writer is not offered herself.
  await expect(written.options).toHaveText([/Bob Tanaka\s*Member/, /Olga Owens\s*Owner/])
  await written.note.pressSequentially('bo')
  await expect(written.options).toHaveText([/Bob Tanaka/])
  await written.note.press('Enter')
  await expect(written.members).toBeHidden()
  await expect(written.note).toHaveValue('Ask @Bob Tanaka ')
  await expect(written.slideover.getByText('Notifies Bob Tanaka.')).toBeVisible()
  await expect(written.slideover.getByText('The client will see the name')).toHaveCount(0)
  await written.note.pressSequentially('about `@Bob Tanaka` and ann@Bob Tanaka')
  await written.note.press('ControlOrMeta+Enter')
  await expect(written.note).toHaveValue('')
  // Sending closes an open picker.
  const noMatch = written.slideover.getByText('No other member matches')
  await written.note.pressSequentially('To @nobody')
  await expect(noMatch).toBeVisible()
  await written.note.press('ControlOrMeta+Enter')
  await expect(written.note).toHaveValue('')
  await expect(noMatch).toBeHidden()

  for (const { conversation } of [written, read]) {
    await expect(conversation.getByText('Ask @Bob Tanaka about @Bob Tanaka and ann@Bob Tanaka')).toBeVisible()
    await expect(conversation.getByRole('link', { name: '@Bob Tanaka' })).toHaveCount(1)
  }
  const [stored] = await api<Reply[]>(owner, 'GET', `/api/teams/${team.id}/tickets/${ticket.id}/replies`)
  expect(stored).toMatchObject({
    content: `Ask <@${member.id}> about \`@Bob Tanaka\` and ann@Bob Tanaka`,
    mentions: [{ id: member.id, full_name: 'Bob Tanaka' }]
  })

  await expect(read.conversation.getByRole('link', { name: '@Bob Tanaka' })).toHaveAttribute('data-mention', 'me')
  await expect(written.conversation.getByRole('link', { name: '@Bob Tanaka' })).toHaveAttribute('data-mention', '')
  // The link navigates without a reload.
  await writer.evaluate(() => Object.assign(window, { isSamePage: true }))
  await written.conversation.getByRole('link', { name: '@Bob Tanaka' }).click()
  await expect(written.slideover).toBeHidden()
  await expect(writer).toHaveURL(`/tickets?assigned_to=${member.id}`)
  await expect(writer.getByRole('row', { name: /One of Bob’s/ })).toBeVisible()
  await expect(writer.getByRole('row', { name: /VPN drops/ })).toHaveCount(0)
  expect(await writer.evaluate(() => 'isSamePage' in window)).toBe(true)
})

test('a mention can be written with the keyboard alone, and the draft keeps it', async ({ signedIn, provokes }) => {
  provokes(/409 \(Conflict\)/)
  const team = await newTeam('Drafted mentions', { admin: 'Ann Arbor', member: 'Bob Tanaka', viewer: 'Bobby Tables' })
  const { owner, member, viewer } = team.people
  const ticket = await newTicket(owner, team, { subject: 'By keyboard' })
  const page = await signedIn(owner)
  await openTickets(page, '?ticket=1')
  const { slideover, field, members, options, conversation } = ticketIn(page)
  await expect(field).toBeVisible()

  await page.keyboard.press('r')
  await expect(field).toBeFocused()
  await page.keyboard.type('@bo')
  await expect(options).toHaveText([/Bob Tanaka/, /Bobby Tables/])
  await expect(field).toHaveAttribute('aria-expanded', 'true')
  const activeText = async () =>
    page.evaluate(id => document.getElementById(id!)?.textContent, await field.getAttribute('aria-activedescendant'))
  expect(await activeText()).toContain('Bob Tanaka')
  await page.keyboard.press('ArrowDown')
  await expect.poll(activeText).toContain('Bobby Tables')
  await page.keyboard.press('Tab')
  await expect(field).toHaveValue('@Bobby Tables ')
  await page.keyboard.type('and @')
  await expect(members).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(members).toBeHidden()
  await expect(slideover).toBeVisible()
  await page.keyboard.type('Bob Tanaka: look')
  await expect(field).toHaveValue('@Bobby Tables and @Bob Tanaka: look')
  await expect(slideover.getByText('Notifies Bobby Tables and Bob Tanaka. The client will see the names.')).toBeVisible()
  await expect(slideover.getByText('Saved', { exact: true })).toBeVisible()
  const draft = await api<ReplyDraft>(owner, 'GET', `/api/teams/${team.id}/tickets/${ticket.id}/draft`)
  expect(draft.content).toBe(`<@${viewer.id}> and <@${member.id}>: look`)

  await page.reload()
  await expect(field).toHaveValue('@Bobby Tables and @Bob Tanaka: look')
  // Typing in the middle of the text does not move the cursor.
  await field.focus()
  await field.evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(14, 14))
  await page.keyboard.type('too ')
  await expect(field).toHaveValue('@Bobby Tables too and @Bob Tanaka: look')
  // A first name that only one member has is a mention; an unknown name is none.
  await field.press('End')
  await field.evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(33, 33))
  await page.keyboard.press('Backspace')
  await expect(field).toHaveValue('@Bobby Tables too and @Bob Tanak: look')
  await expect(slideover.getByText('Notifies Bobby Tables and Bob Tanaka. The client will see the names.')).toBeVisible()
  await page.keyboard.type('a')
  await field.evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(26, 26))
  await page.keyboard.press('Backspace')
  await expect(field).toHaveValue('@Bobby Tables too and @Bo Tanaka: look')
  await expect(slideover.getByText('Notifies Bobby Tables. The client will see the name.')).toBeVisible()
  await page.keyboard.type('b')

  // A conflict with a newer reply keeps the text as it was typed.
  let quicker: Promise<Reply> | undefined
  await page.route('**/replies', async route => {
    if (route.request().method() === 'POST') await (quicker ??= newReply(team.people.admin, ticket, 'I was quicker'))
    await route.fallback()
  })
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(slideover.getByText('Somebody replied while you were writing')).toBeVisible()
  await expect(field).toHaveValue('@Bobby Tables too and @Bob Tanaka: look')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(conversation.getByRole('link')).toHaveText(['@Bobby Tables', '@Bob Tanaka'])
})

test('a note notifies exactly the members that it mentions', async () => {
  const team = await newTeam('Notified of mentions', { admin: 'Ann Arbor', member: 'Bob Tanaka', viewer: 'Vic Viewer' })
  const { owner, admin, member, viewer } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Notified' })
  const stranger = (await newTeam('Elsewhere')).people.owner
  const note = await newReply(
    owner,
    ticket,
    `<@${member.id}>, <@${viewer.id}> and not Ann, nor <@${owner.id}>, <@${stranger.id}>, @everyone`,
    true
  )
  const received = async (person: Person) =>
    (await api<Notification[]>(person, 'GET', `/api/teams/${team.id}/notifications`)).map(({ kind, reply }) => ({
      kind,
      reply: reply?.id,
      excerpt: reply?.excerpt
    }))
  const mention = {
    kind: 'mentioned',
    reply: note.id,
    excerpt: '@Bob Tanaka, @Vic Viewer and not Ann, nor @Olga Owens, @former member, @everyone'
  }
  await expect.poll(() => received(member)).toEqual([mention])
  expect(await received(viewer)).toEqual([mention])
  for (const person of [owner, admin]) expect(await received(person)).toEqual([])
})

test('a reply with a mention that fails to send stays as it was typed', async ({ signedIn, provokes }) => {
  provokes(/net::ERR_FAILED/)
  const team = await newTeam('Kept mentions', { member: 'Bob Tanaka' })
  const { owner, member } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Kept' })
  const page = await signedIn(owner)
  await openTickets(page, '?ticket=1')
  const { slideover, field, conversation } = ticketIn(page)
  await field.fill('Thank you, @Bob Tanaka!')
  await page.route('**/replies', route => (route.request().method() === 'POST' ? route.abort() : route.fallback()))
  await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
  await expect(slideover.getByText('What you wrote is kept.')).toBeVisible()
  await expect(field).toHaveValue('Thank you, @Bob Tanaka!')
  await page.unroute('**/replies')
  await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
  await expect(conversation.getByRole('link', { name: '@Bob Tanaka' })).toHaveAttribute('href', `/tickets?assigned_to=${member.id}`)

  // Replies keep the name of a member who has left; a draft shows “former member”.
  await field.fill('@Bob Tanaka again')
  await expect(slideover.getByText('Saved', { exact: true })).toBeVisible()
  await api(owner, 'DELETE', `/api/teams/${team.id}/members/${member.id}`)
  await page.reload()
  await expect(field).toHaveValue('@former member again')
  await expect(slideover.getByText('Notifies')).toHaveCount(0)
  await expect(conversation.getByText('Thank you, @Bob Tanaka!')).toBeVisible()
  await newReply(owner, ticket, `@<img src=x onerror=alert(1)> @__proto__ <@${member.id}> @everyone`, true)
  await expect(conversation.getByText('@<img src=x onerror=alert(1)> @proto @former member @everyone')).toBeVisible()
  await expect(conversation.locator('img[src="x"]')).toHaveCount(0)
})

for (const [look, options] of [
  ['on a phone', { viewport: { width: 375, height: 720 } }],
  ['in the dark', { colorScheme: 'dark' }],
  ['in the light', { colorScheme: 'light' }]
] as const) {
  test(`mentions and their picker are accessible ${look}`, async ({ signedIn }, testInfo) => {
    const team = await newTeam('Looks', { admin: 'Ann Arbor', member: 'Bob Tanaka', viewer: 'Maximiliane von Hohenlohe-Langenburg' })
    const { owner, member } = team.people
    const ticket = await newTicket(owner, team, { subject: 'How it looks' })
    await newReply(owner, ticket, `<@${team.people.admin.id}>, could you ask <@${member.id}>?`)
    await newReply(owner, ticket, `No, <@${member.id}> knows it, says <@${team.people.admin.id}>.`, true)
    const page = await signedIn(member, options)
    await openTickets(page, '?ticket=1')
    const { slideover, field, options: offered, conversation } = ticketIn(page)
    await expect(conversation.getByRole('link', { name: '@Bob Tanaka' })).toHaveCount(2)
    await field.pressSequentially('Ask @Ann Arbor and @')
    await expect(offered).toHaveCount(3)
    await page.screenshot({ path: testInfo.outputPath('mentions.png') })
    const { violations } = await new AxeBuilder({ page })
      .include('[role="dialog"]')
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
      .analyze()
    expect(
      violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`))
    ).toEqual([])
    const list = (await slideover.getByRole('listbox', { name: 'Members' }).boundingBox())!
    expect(list.x).toBeGreaterThanOrEqual(0)
    expect(list.y).toBeGreaterThanOrEqual(0)
    expect(list.x + list.width).toBeLessThanOrEqual(page.viewportSize()!.width)
  })
}

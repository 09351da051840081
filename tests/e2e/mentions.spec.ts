import type { Page } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { api, newReply, newTeam, newTicket } from './support/people.ts'
import type { Reply, ReplyDraft } from '../../shared/types/api.ts'
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

test('a note mentions a colleague, and both see the name as a link to the tickets of the colleague', async ({ signedIn }) => {
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
  // The list does not offer the writer.
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
  // Sending closes the list of members.
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
  // The link works without a reload.
  await writer.evaluate(() => Object.assign(window, { isSamePage: true }))
  await written.conversation.getByRole('link', { name: '@Bob Tanaka' }).click()
  await expect(written.slideover).toBeHidden()
  await expect(writer).toHaveURL(`/tickets?assigned_to=${member.id}`)
  await expect(writer.getByRole('row', { name: /One of Bob’s/ })).toBeVisible()
  await expect(writer.getByRole('row', { name: /VPN drops/ })).toHaveCount(0)
  expect(await writer.evaluate(() => 'isSamePage' in window)).toBe(true)
})

test('a mention is written by keyboard alone, and a draft keeps it', async ({ signedIn, provokes }) => {
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
  // In the middle of the text the cursor stays where it is.
  await field.focus()
  await field.evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(14, 14))
  await page.keyboard.type('too ')
  await expect(field).toHaveValue('@Bobby Tables too and @Bob Tanaka: look')
  // A first name that only one person has is enough. An unknown name mentions nobody.
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

  // A colleague replies first: the text stays as it was typed.
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

test('a reply with a mention that failed to be sent stays as it was typed', async ({ signedIn, provokes }) => {
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

  // A reply keeps the names of people who left; a draft drops them.
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

test('mentions are readable and reachable on a phone, in dark and in light', async ({ signedIn }) => {
  const team = await newTeam('Looks', { admin: 'Ann Arbor', member: 'Bob Tanaka', viewer: 'Maximiliane von Hohenlohe-Langenburg' })
  const { owner, member } = team.people
  const ticket = await newTicket(owner, team, { subject: 'How it looks' })
  await newReply(owner, ticket, `<@${team.people.admin.id}>, could you ask <@${member.id}>?`)
  await newReply(owner, ticket, `No, <@${member.id}> knows it, says <@${team.people.admin.id}>.`, true)
  const page = await signedIn(member)
  await openTickets(page, '?ticket=1')
  const { members, field, options, conversation } = ticketIn(page)
  await expect(conversation.getByRole('link', { name: '@Bob Tanaka' })).toHaveCount(2)
  await field.pressSequentially('Ask @Ann Arbor and @')
  await expect(options).toHaveCount(3)
  for (const viewport of [
    { width: 375, height: 720 },
    { width: 1280, height: 800 }
  ]) {
    await page.setViewportSize(viewport)
    await expect(members).toBeVisible()
    await expectAccessible(page, `${viewport.width} px`)
    const list = (await members.boundingBox())!
    expect(list.x).toBeGreaterThanOrEqual(0)
    expect(list.y).toBeGreaterThanOrEqual(0)
    expect(list.x + list.width).toBeLessThanOrEqual(viewport.width)
  }
})

import { expectAccessible } from './support/accessible.ts'
import { failRequests } from './support/failure.ts'
import { api, newTeam, newTicket } from './support/people.ts'
import { expect, goTo, open, test } from './support/test.ts'

test('the audit log shows each action of an owner with its subject and the old value', async ({ signedIn }) => {
  const team = await newTeam('Ledger', { member: 'Mona Member' })
  const { owner, member } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Printer burns' })
  const page = await signedIn(owner)

  await open(page, '/settings/members')
  await page
    .getByRole('row', { name: /Mona Member/ })
    .getByRole('combobox')
    .click()
  await page.getByRole('option', { name: /^Viewer/ }).click()
  await expect(page.getByText('Mona Member is now viewer').first()).toBeVisible()
  const article = await api<{ id: string }>(owner, 'POST', `/api/teams/${team.id}/articles`, { title: 'Fires', content: 'Water' })
  await api(owner, 'POST', `/api/teams/${team.id}/invitations`, { email: 'ines@people.test', role: 'admin' })
  expect((await page.request.get(`/api/teams/${team.id}/export/tickets.csv?status=open`)).ok()).toBe(true)

  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Audit log' }).click()
  const log = page.getByRole('region', { name: 'Today' })
  await expect(log.getByRole('listitem').first()).toContainText('Olga Owens exported tickets')
  await expect(log.getByRole('listitem').nth(1)).toContainText('Olga Owens invited ines@people.test')
  await expect(log.getByRole('listitem').nth(2)).toContainText('Olga Owens began the article Fires')
  await expect(log.getByRole('link', { name: 'Fires' })).toHaveAttribute('href', `/articles/${article.id}`)
  await expect(log.getByRole('listitem').nth(3)).toContainText('Olga Owens changed the role of Mona Member to Viewer')
  await expect(log.getByRole('listitem').last()).toContainText('Olga Owens created the team Ledger')

  // Details, by keyboard alone.
  await log.getByRole('button', { name: 'Details: Olga Owens exported tickets' }).press('Enter')
  await expect(log.getByRole('listitem').first()).toContainText('Status: Open')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await expect(log.getByRole('button', { name: /^Details: Olga Owens changed the role/ })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(log.getByRole('listitem').nth(3).getByRole('deletion')).toHaveText('Member')
  await expect(log.getByRole('listitem').nth(3).getByRole('insertion')).toHaveText('Viewer')

  // Filters are in the address.
  const search = page.getByRole('search', { name: 'Filter the log' })
  await search.getByRole('combobox', { name: 'About' }).click()
  await page.getByRole('option', { name: 'Members and invitations' }).click()
  await expect(page).toHaveURL(/about=members/)
  await expect(log.getByRole('listitem').first()).toContainText('invited ines@people.test')
  await expect(log.getByText('exported tickets')).toHaveCount(0)
  await search.getByRole('button', { name: 'By', exact: true }).click()
  await page.getByRole('option', { name: 'Mona Member' }).click()
  await expect(log.getByRole('listitem')).toHaveText([/Mona Member\s+joined as\s+Member/])
  await page.reload()
  await expect(log.getByRole('listitem')).toHaveText([/Mona Member\s+joined as\s+Member/])
  await search.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page).toHaveURL(/\/settings\/audit$/)

  // The events of one ticket link to it.
  await search.getByRole('textbox', { name: 'Ticket' }).fill('#001')
  await expect(page).toHaveURL(/ticket=1$/)
  await expect(log.getByRole('listitem')).toHaveText([/Olga Owens\s+created\s+#001\s+Printer burns/])
  await log.getByRole('link', { name: '#001' }).click()
  await expect(page.getByRole('dialog', { name: /^Ticket #001/ })).toBeVisible()

  // A member without the permission sees no link, and no log at its address.
  const other = await signedIn(member)
  await open(other, '/settings/audit')
  await expect(other.getByText('The audit log is for owners and admins')).toBeVisible()
  await expect(other.getByRole('link', { name: 'Audit log' })).toHaveCount(0)
  await expect(api(member, 'GET', `/api/teams/${team.id}/audit`)).rejects.toThrow('403')
  expect(ticket.ticket_number).toBe(1)
})

test('new events wait above the audit log, and the history of a ticket shows the values of a change', async ({ signedIn }) => {
  const team = await newTeam('Present')
  const { owner } = team.people
  const page = await signedIn(owner)

  await test.step('New events wait above the log, and a deleted ticket is marked', async () => {
    const ticket = await newTicket(owner, team, { subject: 'Printer burns' })
    await open(page, '/settings/audit')
    const log = page.getByRole('region', { name: 'Today' })
    await expect(log.getByRole('listitem')).toHaveText([/created\s+#001\s+Printer burns/, /created the team\s+Present/])

    await api(owner, 'PATCH', `/api/teams/${team.id}`, { name: 'Past' })
    await expect(page.getByRole('button', { name: '1 new — show' })).toBeVisible()
    await expect(log.getByRole('listitem')).toHaveCount(2)
    await api(owner, 'DELETE', `/api/teams/${team.id}/tickets/${ticket.id}`)
    await expect(log.getByRole('listitem').first()).toContainText('created #001 (deleted) Printer burns')
    await page.getByRole('button', { name: '2 new — show' }).click()
    await expect(log.getByRole('listitem')).toHaveText([
      /deleted\s+#001\s+Printer burns/,
      /changed the settings of the team/,
      /created\s+#001 \(deleted\)\s+Printer burns/,
      /created the team\s+Present/
    ])
    await expect(log.getByRole('link')).toHaveCount(0)
    await expect(page.getByRole('button', { name: /new — show/ })).toHaveCount(0)
  })

  await test.step('The history of a ticket shows the old and the new value, and the text of a deleted reply', async () => {
    const ticket = await newTicket(owner, team, { subject: 'Printer burns' })
    const path = `/api/teams/${team.id}/tickets/${ticket.id}`
    const reply = await api<{ id: string }>(owner, 'POST', `${path}/replies`, { content: 'Throw water on it', is_internal: true })
    await api(owner, 'DELETE', `${path}/replies/${reply.id}`)
    await api(owner, 'PATCH', path, { subject: 'Fax burns' })

    await goTo(page, '/tickets?ticket=2')
    const conversation = page.getByRole('dialog').getByRole('region', { name: 'Conversation' })
    await conversation.getByRole('button', { name: 'Details: Olga Owens renamed it to Fax burns' }).press('Enter')
    await expect(conversation.getByRole('deletion')).toHaveText('Printer burns')
    await expect(conversation.getByRole('insertion')).toHaveText('Fax burns')
    await conversation.getByRole('button', { name: 'Show 1 more change' }).click()
    const deleted = conversation.getByRole('button', { name: /^Details: Olga Owens deleted an internal note/ })
    await deleted.click()
    await expect(conversation.getByText('Throw water on it')).toBeVisible()
    await expectAccessible(page)
    await deleted.click()
    await expect(conversation.getByText('Throw water on it')).toHaveCount(0)
  })
})

test('a long audit log loads page by page and says when it fails to load', async ({ signedIn, provokes }) => {
  provokes(/response 503|status of 503/)
  const team = await newTeam('Archive')
  const { owner } = team.people
  for (let round = 0; round < 55; round++) await api(owner, 'PATCH', `/api/teams/${team.id}`, { auto_close_days: 20 + round })
  const page = await signedIn(owner)
  await open(page, '/settings/audit')
  const entries = page.getByRole('region', { name: 'Today' }).getByRole('listitem')
  await expect(entries).toHaveCount(50)
  await page.getByRole('button', { name: 'Load more' }).click()
  await expect(entries).toHaveCount(56)
  await expect(page.getByText('This is the beginning of the log.')).toBeVisible()

  const audit = await failRequests(page, '**/audit?*')
  await page.reload()
  await expect(page.getByText('This could not be loaded')).toBeVisible()
  await audit.retry(page.getByRole('button', { name: 'Try again' }))
  await expect(entries).toHaveCount(50)
})

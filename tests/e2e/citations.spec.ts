import type { Article, TicketDetail } from '../../shared/types/api.ts'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import { api, newReply, newTeam, newTicket, type Person, type TestTeam } from './support/people.ts'
import { expect, goTo, notification, openTickets, test } from './support/test.ts'

async function publish(owner: Person, team: TestTeam, fields: { title: string; content: string; audience: string }): Promise<string> {
  const path = `/api/teams/${team.id}/articles`
  const { id } = await api<Article>(owner, 'POST', path, fields)
  await api(owner, 'PUT', `${path}/${id}/publications/en`, { version: 1 })
  return id
}

test('an agent inserts articles in a reply and a note with the keyboard, and drafts an article from the resolved ticket', async ({
  signedIn,
  provokes
}) => {
  provokes(/status of (409|422)/)
  const team = await newTeam('Citations')
  const { owner } = team.people
  const text = 'Hold the *power* button for ten seconds.\n\n1. Wait\n2. Press again'
  const printer = await publish(owner, team, { title: 'Restart [any] printer', content: text, audience: 'public' })
  await publish(owner, team, { title: 'Invoices of printers', content: 'They are in the portal.', audience: 'clients' })
  const keys = await publish(owner, team, { title: 'Where the printer keys are', content: 'In the drawer of Ann.', audience: 'internal' })
  const ticket = await newTicket(owner, team, {
    subject: 'Helen cannot restart her printer',
    requester_name: 'Helen Marsh',
    requester_email: 'h@m.example'
  })
  const cited = async () =>
    (await api<TicketDetail>(owner, 'GET', `/api/teams/${team.id}/tickets/${ticket.id}`)).articles.map(({ title, kind }) => [title, kind])
  const page = await signedIn(owner)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  const field = slideover.getByLabel('Reply', { exact: true })
  const note = slideover.getByLabel('Internal note', { exact: true })
  const option = (name: string | RegExp) => slideover.getByRole('option', { name })
  const list = slideover.getByRole('list', { name: 'Articles' })

  await test.step('The link of an article is inserted, and cited when the reply is sent', async () => {
    await expect(slideover.getByText('Nobody has replied yet')).toBeVisible()
    await page.keyboard.press('r')
    await page.keyboard.type('Please see /article any pri')
    await expect(slideover.getByRole('option').first()).toContainText('Restart [any] printer')
    await expect(option(/Everybody/)).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(option(/Insert the link/)).toBeVisible()
    await expectAccessible(page, 'the picker of articles')
    await page.keyboard.press('Enter')
    await expect(field).toHaveValue(
      new RegExp(`^Please see \\[Restart \\\\\\[any\\\\\\] printer\\]\\(http://[^ ]+/help/${team.slug}/articles/restart-any-printer\\)$`)
    )
    expect(await cited()).toEqual([])
    await page.keyboard.press('Control+Enter')
    await expect(list.getByRole('button', { name: 'Article Restart [any] printer' })).toBeVisible()
    expect(await cited()).toEqual([['Restart [any] printer', 'link']])
    await expect(slideover.getByText('cited the article Restart [any] printer')).toBeVisible()
  })

  await test.step('Before anything is typed, the picker offers what may answer the ticket, and typed words are found in texts', async () => {
    await page.keyboard.type('/article')
    await expect(slideover.getByRole('option').first()).toContainText('Restart [any] printer')
    await expect(slideover.getByRole('option').first().locator('mark').first()).toBeVisible()
    await page.keyboard.type(' drawer')
    await expect(slideover.getByRole('option')).toHaveText([/Where the printer keys are.*Team only.*In the drawer of Ann/])
    await expect(option(/keys/).locator('mark')).toHaveText('drawer')
    await page.keyboard.press('Escape')
    for (let step = 0; step < '/article drawer'.length; step++) await page.keyboard.press('Backspace')
    await expect(field).toHaveValue('')
  })

  await test.step('An internal article is only cited from a reply, and the reason is said', async () => {
    await page.keyboard.type('/article keys')
    await expect(slideover.getByRole('option')).toHaveCount(1)
    await expect(option(/Where the printer keys are.*Team only/)).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(slideover.getByRole('status').filter({ hasText: 'is for the team only' })).toBeVisible()
    await expect(slideover.getByRole('option')).toHaveText([/Only cite it/])
    await page.keyboard.press('Escape')
    await expect(option(/Where the printer keys are/)).toBeVisible()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await expect(notification(page, '“Where the printer keys are” is cited at this ticket')).toBeVisible()
    await expect(field).toHaveValue('')
    expect(await cited()).toContainEqual(['Where the printer keys are', 'cited'])
  })

  await test.step('Its text is inserted in a note; as a reply it is refused and kept, also after a reload', async () => {
    await list.getByRole('button', { name: 'Article Where the printer keys are' }).click()
    await page.getByRole('menuitem', { name: 'Remove' }).click()
    await expect(list.getByRole('button', { name: /printer keys/ })).toBeHidden()
    await slideover.getByRole('tab', { name: 'Internal note' }).click()
    await slideover.getByRole('button', { name: 'Insert an article' }).click()
    await expect(note).toBeFocused()
    await page.keyboard.type('keys')
    await expect(slideover.getByRole('option')).toHaveCount(1)
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect(note).toHaveValue('In the drawer of Ann.')
    await slideover.getByRole('tab', { name: 'Reply' }).click()
    await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
    await expect(slideover.getByRole('alert').filter({ hasText: 'for the team only' })).toBeVisible()
    await expect(field).toHaveValue('In the drawer of Ann.')
    await slideover.getByRole('tab', { name: 'Internal note' }).click()
    await expect(slideover.getByText('Saved', { exact: true })).toBeVisible()
    await page.reload()
    await expect(note).toHaveValue('In the drawer of Ann.')
    await note.press('Control+Enter')
    await expect(list.getByRole('button', { name: /printer keys/ })).toBeVisible()
    expect(await cited()).toContainEqual(['Where the printer keys are', 'text'])
  })

  await test.step('An article is cited by hand, and the page fits', async () => {
    await slideover.getByRole('button', { name: 'Cite an article' }).click()
    await page.keyboard.type('invoices')
    await expect(page.getByRole('option', { name: /Invoices of printers/ })).toBeVisible()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect(list.getByRole('button', { name: /Invoices/ })).toBeVisible()
    await expectAccessible(page, 'a ticket that cites articles')
    await page.setViewportSize({ width: 375, height: 740 })
    await expectToFit(page, 'a ticket that cites articles')
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  await test.step('One key on the resolved ticket drafts an article, and a second time names it', async () => {
    await newReply(
      owner,
      ticket,
      'Hi Helen,\n\nplease **hold the power button** for ten seconds, wait until the light is green, print a test page, then call +49 30 123456.'
    )
    await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'resolved' })
    await expect(slideover.getByText('set the status to Resolved')).toBeVisible()
    await slideover.getByText('hold the power button', { exact: true }).click()
    await page.keyboard.press('b')
    await expect(page.getByRole('link', { name: 'Open the draft', includeHidden: true })).toBeVisible()
    await expect(list.getByRole('button', { name: 'Article [name] cannot restart her printer' })).toContainText('Draft')
    const draft = (await api<TicketDetail>(owner, 'GET', `/api/teams/${team.id}/tickets/1`)).articles.find(({ kind }) => kind === 'draft')!
    const { translations } = await api<Article>(owner, 'GET', `/api/teams/${team.id}/articles/${draft.article_id}`)
    expect(translations[0]!.draft).toMatchObject({
      title: '[name] cannot restart her printer',
      content:
        'please **hold the power button** for ten seconds, wait until the light is green, print a test page, then call [phone number].'
    })
    await page.keyboard.press('b')
    await expect(notification(page, 'An article was drafted from this ticket already')).toBeVisible()
    expect([printer, keys]).not.toContain(draft.article_id)
    await goTo(page, '/tickets')
  })

  await test.step('The article lists the ticket, and leads back to it', async () => {
    await goTo(page, `/articles/${keys}`)
    await page.getByRole('button', { name: 'More actions' }).press('Enter')
    await page.getByRole('menuitem', { name: 'Tickets with this article' }).press('Enter')
    const tickets = page.getByRole('dialog').getByRole('list', { name: 'Tickets' })
    await expect(tickets.getByRole('listitem')).toHaveCount(1)
    await expectAccessible(page, 'the tickets of an article')
    await tickets.getByRole('link').press('Enter')
    await expect(page).toHaveURL(/\/tickets\?.*ticket=1/)
  })
})

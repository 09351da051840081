import { newReply, newTeam, newTicket } from './support/people.ts'
import { expect, notification, openTickets, test } from './support/test.ts'

test('a reply that cannot be sent is kept, across a reload and other tickets, until it is sent', async ({ signedIn, provokes }) => {
  provokes(/net::ERR_FAILED/)
  const team = await newTeam('Drafts')
  for (const subject of ['The one with the draft', 'Another one']) await newTicket(team.people.owner, team, { subject })
  const page = await signedIn(team.people.owner)
  await openTickets(page, '?ticket=1')
  const [first, second] = [page.getByRole('dialog', { name: 'Ticket #001' }), page.getByRole('dialog', { name: 'Ticket #002' })]
  const field = first.getByRole('textbox', { name: 'Reply' })
  await field.fill('Half a page of thoughts')

  await page.route('**/replies', route => route.request().method() === 'POST' ? route.abort() : route.fallback())
  await first.getByRole('button', { name: 'Reply', exact: true }).click()
  await expect(first.getByText('What you wrote is kept.')).toBeVisible()
  await expect(field).toHaveValue('Half a page of thoughts')

  await page.reload()
  await expect(field).toHaveValue('Half a page of thoughts')
  await first.getByRole('button', { name: 'Previous ticket' }).click()
  await expect(second.getByRole('textbox', { name: 'Reply' })).toHaveValue('')
  await second.getByRole('button', { name: 'Next ticket' }).click()
  await expect(field).toHaveValue('Half a page of thoughts')

  await page.unroute('**/replies')
  await first.getByRole('button', { name: 'Reply', exact: true }).click()
  await expect(first.getByRole('region', { name: 'Conversation' }).getByText('Half a page of thoughts')).toBeVisible()
  await expect(field).toHaveValue('')
})

test('a reply that crosses with a colleague\'s is not sent before it was read', async ({ signedIn, provokes }) => {
  provokes(/status of 409 .*\/replies/)
  const team = await newTeam('Crossing', { member: 'Mia Member' })
  const ticket = await newTicket(team.people.owner, team, { subject: 'Two answers' })
  const page = await signedIn(team.people.owner)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  await slideover.getByRole('textbox', { name: 'Reply' }).fill('My answer')
  // The colleague's reply is on its way while mine is sent: the request leaves with what this page had seen.
  await page.route('**/replies', async (route) => {
    if (route.request().method() === 'POST') await newReply(team.people.member, ticket, 'Their answer')
    await route.continue()
  }, { times: 1 })
  await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
  await expect(slideover.getByText('Somebody replied while you were writing')).toBeVisible()
  await expect(slideover.getByText('Their answer')).toBeVisible()
  await slideover.getByRole('button', { name: 'Send anyway' }).click()
  await expect(slideover.getByRole('region', { name: 'Conversation' }).getByRole('listitem')).toHaveText([/Their answer/, /My answer/])
})

test('a new ticket that cannot be saved is kept in the form', async ({ signedIn, provokes }) => {
  provokes(/net::ERR_FAILED/)
  const team = await newTeam('Failing')
  const page = await signedIn(team.people.owner)
  await openTickets(page)
  await page.getByRole('button', { name: 'New Ticket' }).click()
  const modal = page.getByRole('dialog', { name: 'New ticket' })
  await modal.getByRole('textbox', { name: 'Subject' }).fill('Do not lose me')
  await modal.getByRole('textbox', { name: 'Description' }).fill('Nor me')
  await page.route('**/tickets', route => route.request().method() === 'POST' ? route.abort() : route.fallback())
  await modal.getByRole('button', { name: 'Create ticket' }).click()
  await expect(notification(page, 'The server cannot be reached')).toBeVisible()
  await expect(modal.getByRole('textbox', { name: 'Description' })).toHaveValue('Nor me')
  await page.unroute('**/tickets')
  await modal.getByRole('button', { name: 'Create ticket' }).click()
  await expect(page.getByRole('heading', { name: 'Do not lose me' })).toBeVisible()
})

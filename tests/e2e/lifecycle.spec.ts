import { api, newTeam, newTicket } from './support/people.ts'
import { expect, notification, open, openTickets, test } from './support/test.ts'

test("a resolved ticket shows when it closes, until it is reopened, and follows the owner's setting", async ({ signedIn }) => {
  const team = await newTeam('Lifecycle', { member: 'Milo Marsh' })
  const { id } = await newTicket(team.people.owner, team, { subject: 'The tap drips' })
  const page = await signedIn(team.people.member)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  const hint = slideover.getByText('Closes in')
  const status = (now: string) => slideover.getByRole('button', { name: `Status: ${now}. Change status of #001` })
  await expect(status('Open')).toBeVisible()
  await expect(hint).toHaveCount(0)

  await status('Open').click()
  await page.getByRole('menuitem', { name: 'Resolved' }).click()
  await expect(hint).toHaveText('Closes in 14 days')
  await expect(hint).toHaveAttribute('title', /^Closes automatically on .+\d\d:\d\d/)
  const conversation = slideover.getByRole('region', { name: 'Conversation' })
  await expect(conversation.getByRole('listitem')).toContainText('Milo Marsh set the status to Resolved')

  const settings = await signedIn(team.people.owner)
  await open(settings, '/settings/team')
  const days = settings.getByRole('spinbutton', { name: 'Close resolved tickets after' })
  await days.fill('3')
  await days.blur()
  await settings.getByRole('region', { name: 'Team' }).getByRole('button', { name: 'Save' }).click()
  await expect(notification(settings, 'The team was saved')).toBeVisible()
  await expect(hint).toHaveText('Closes in 3 days')

  await status('Resolved').click()
  await page.getByRole('menuitem', { name: 'Open' }).click()
  await expect(status('Open')).toBeVisible()
  await expect(hint).toHaveCount(0)
  // The changes between two replies are one line, which expands on click.
  await conversation.getByRole('button', { name: 'Show 1 more change' }).click()
  await expect(conversation.getByRole('listitem')).toContainText(/set the status to Resolved.*set the status to Open/)

  // After a manual close, the automatic close is no longer announced.
  await api(team.people.owner, 'PATCH', `/api/teams/${team.id}/tickets/${id}`, { status: 'closed' })
  await expect(slideover.getByText('This ticket is closed')).toBeVisible()
  await expect(conversation.getByRole('listitem')).toContainText('Olga Owens set the status to Closed')
  await expect(hint).toHaveCount(0)
})

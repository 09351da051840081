import { api, newTeam, newTicket } from './support/people.ts'
import { expect, goTo, notification, open, openTickets, test } from './support/test.ts'

test('a viewer can write to a ticket and do nothing else, until an owner changes their role', async ({ signedIn }) => {
  const team = await newTeam('Onlookers', { viewer: 'Vito Viewer' })
  const { owner, viewer } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Look, do not touch', tags: ['vip'] })
  const page = await signedIn(viewer)
  await openTickets(page)
  await expect(page.getByRole('row', { name: /Look, do not touch/ })).toBeVisible()
  await expect(page.getByRole('button', { name: 'New Ticket' })).toHaveCount(0)
  await expect(page.getByRole('button', { name: /Change status/ })).toHaveCount(0)
  await page.getByRole('row', { name: /Look, do not touch/ }).click()

  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  await expect(slideover.getByText('Nobody has replied yet')).toBeVisible()
  for (const name of [
    /Change status/,
    /Change priority/,
    'Claim',
    'Edit subject',
    'Edit description',
    'More actions',
    'Assignee',
    'Insert a canned response'
  ]) {
    await expect(slideover.getByRole('button', { name, exact: true }), String(name)).toHaveCount(0)
    await expect(slideover.getByRole('combobox', { name, exact: true }), String(name)).toHaveCount(0)
  }
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Command palette' })
  await expect(palette.getByRole('option', { name: 'Copy link' })).toBeVisible()
  for (const name of ['Assign to…', 'Change status…', 'Change priority…', 'Tags…', 'Delete ticket', 'New ticket', 'Edit subject'])
    await expect(palette.getByRole('option', { name }), name).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(palette).toBeHidden()
  await slideover.getByRole('textbox', { name: 'Reply' }).fill('I only have a question.')
  await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
  await expect(slideover.getByRole('region', { name: 'Conversation' }).getByText('I only have a question.')).toBeVisible()

  await goTo(page, '/settings/team')
  await expect(page.getByRole('heading', { name: 'Team', exact: true }).first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Delete team' })).toHaveCount(0)
  await goTo(page, '/settings/members')
  await expect(page.getByRole('row', { name: /Olga Owens/ })).toBeVisible()
  await expect(page.getByRole('button', { name: /Invite|Remove/ })).toHaveCount(0)
  await expect(page.getByText(owner.email)).toHaveCount(0)

  const path = `/api/teams/${team.id}/tickets/${ticket.id}`
  await expect(api(viewer, 'PATCH', path, { priority: 'urgent' })).rejects.toThrow('403')
  await expect(api(viewer, 'PUT', `${path}/claim`)).rejects.toThrow('403')
  await expect(api(viewer, 'DELETE', path)).rejects.toThrow('403')
  await expect(newTicket(viewer, team, { subject: 'Mine' })).rejects.toThrow('403')

  await goTo(page, '/tickets')
  await expect(page.getByRole('row', { name: /Look, do not touch/ })).toBeVisible()
  await expect(page.getByRole('button', { name: 'New Ticket' })).toHaveCount(0)
  const olga = await signedIn(owner)
  await open(olga, '/settings/members')
  await olga.getByRole('combobox', { name: 'Role of Vito Viewer' }).click()
  await olga.getByRole('option', { name: /^Member/ }).click()
  await expect(notification(olga, 'Vito Viewer is now member')).toBeVisible()
  await expect(page.getByRole('button', { name: 'New Ticket' })).toBeVisible()
})

test('a member claims and releases a ticket, and works on it, but leaves closing to the owner', async ({ signedIn }) => {
  const team = await newTeam('Claims', { member: 'Mia Member' })
  const { owner, member } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Who does this?' })
  const [mia, olga] = [await signedIn(member), await signedIn(owner)]
  await Promise.all([openTickets(mia, '?ticket=1'), openTickets(olga, '?ticket=1')])
  const [hers, mine] = [olga.getByRole('dialog', { name: 'Ticket #001' }), mia.getByRole('dialog', { name: 'Ticket #001' })]

  await mine.getByRole('button', { name: 'Claim', exact: true }).click()
  await expect(mine.getByRole('button', { name: 'Release', exact: true })).toBeVisible()
  await expect(hers.getByLabel('Assignee', { exact: true })).toContainText('Mia Member')
  await mine.getByRole('button', { name: 'Release', exact: true }).click()
  await expect(mine.getByRole('button', { name: 'Claim', exact: true })).toBeVisible()
  await expect(hers.getByLabel('Assignee', { exact: true })).toContainText('Unassigned')

  await mine.getByRole('button', { name: /^Status: Open/ }).click()
  await expect(mia.getByRole('menuitem')).toHaveText(['In Progress', 'Waiting', 'Resolved'])
  await mia.getByRole('menuitem', { name: 'Resolved' }).click()
  await expect(hers.getByRole('button', { name: /^Status: Resolved/ })).toBeVisible()
  await hers.getByRole('button', { name: /^Status: Resolved/ }).click()
  await olga.getByRole('menuitem', { name: 'Closed' }).click()

  await expect(mine.getByText('This ticket is closed and takes no more replies')).toBeVisible()
  await expect(mine.getByRole('textbox', { name: 'Reply' })).toHaveCount(0)
  await expect(api(member, 'POST', `/api/teams/${team.id}/tickets/${ticket.id}/replies`, { content: 'One more thing' })).rejects.toThrow(
    /403|409|422/
  )
  await expect(api(member, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'open' })).rejects.toThrow('403')

  await hers.getByRole('button', { name: /^Status: Closed/ }).click()
  await olga.getByRole('menuitem', { name: 'Open' }).click()
  await expect(mine.getByRole('textbox', { name: 'Reply' })).toBeVisible()
})

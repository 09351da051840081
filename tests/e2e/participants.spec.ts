import { expectAccessible, expectToFit } from './support/accessible.ts'
import { api, newTeam, newTicket } from './support/people.ts'
import { expect, goTo, notification, open, openTickets, test } from './support/test.ts'
import type { Participant, Ticket } from '../../shared/types/api.ts'

test('an admin adds a project, and an agent gives a ticket its project and participants', async ({ signedIn }) => {
  const team = await newTeam('Participants', { member: 'Bob' })
  const { owner, member } = team.people
  const ticket = await newTicket(owner, team, { subject: 'The shop is down', requester_email: 'helen@marsh.example' })
  await newTicket(owner, team, { subject: 'Another', requester_email: 'mona@minor.example', requester_name: 'Mona Minor' })
  const page = await signedIn(owner)
  const participants = () => api<Participant[]>(owner, 'GET', `/api/teams/${team.id}/tickets/${ticket.id}/participants`)

  await test.step('A project is added with the keyboard, changed and archived', async () => {
    await open(page, '/contacts/projects')
    await page.getByRole('button', { name: 'Add the first one' }).click()
    const form = page.getByRole('dialog', { name: 'New project' })
    await expect(form.getByRole('textbox', { name: 'Name' })).toBeFocused()
    await page.keyboard.type('Web shop')
    await expectAccessible(page, 'the form for a project')
    await page.keyboard.press('Enter')
    await expect(notification(page, '“Web shop” was saved')).toBeVisible()
    await expect(form).toBeHidden()
    for (const name of ['Old shop', 'Archive me']) {
      await page.getByRole('button', { name: 'New project' }).click()
      await page.getByRole('dialog', { name: 'New project' }).getByRole('textbox', { name: 'Name' }).fill(name)
      await page.keyboard.press('Enter')
      await expect(notification(page, `“${name}” was saved`)).toBeVisible()
    }
    await page.getByRole('button', { name: 'Archive me' }).click()
    const edited = page.getByRole('dialog', { name: 'Edit project' })
    await edited.getByRole('switch', { name: 'Archived' }).click()
    await edited.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByRole('list', { name: 'Projects' }).getByRole('listitem').filter({ hasText: 'Archive me' })).toContainText(
      'Archived'
    )
    await expectAccessible(page, 'the projects')
    await page.setViewportSize({ width: 375, height: 740 })
    await expectToFit(page, 'the projects')
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  await test.step('The ticket gets a project that is not archived', async () => {
    await goTo(page, '/tickets?ticket=1')
    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    await slideover.getByLabel('Project', { exact: true }).click()
    await expect(page.getByRole('option', { name: 'Old shop' })).toBeVisible()
    await expect(page.getByRole('option', { name: 'Archive me' })).toHaveCount(0)
    await page.getByRole('option', { name: 'Web shop' }).click()
    await expect
      .poll(async () => (await api<Ticket>(owner, 'GET', `/api/teams/${team.id}/tickets/${ticket.id}`)).project_name)
      .toBe('Web shop')
    await expect(slideover.getByText('set the project to Web shop')).toBeVisible()
  })

  await test.step('A contact found by name and a new address take part', async () => {
    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    await slideover.getByRole('button', { name: 'Add a participant' }).click()
    const field = page.getByRole('combobox', { name: 'Add a participant' })
    await field.fill('mona')
    await page.getByRole('option', { name: /Mona Minor/ }).click()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(slideover.getByRole('button', { name: 'Participant Mona Minor' })).toBeVisible()
    await slideover.getByRole('button', { name: 'Add a participant' }).click()
    await field.fill('nobody')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(page.getByText('Choose a contact, or type an e-mail address')).toBeVisible()
    await field.fill('nina@marsh.example')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(slideover.getByRole('button', { name: 'Participant nina@marsh.example' })).toBeVisible()
    await expectAccessible(page, 'the ticket with participants')
  })

  await test.step('One may read earlier messages, the other is removed, and a colleague sees both at once', async () => {
    const colleague = await signedIn(member!)
    await openTickets(colleague, '?ticket=1')
    const theirs = colleague.getByRole('dialog', { name: 'Ticket #001' })
    await expect(theirs.getByRole('button', { name: 'Participant Mona Minor' })).toBeVisible()
    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    await slideover.getByRole('button', { name: 'Participant Mona Minor' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'May read earlier messages' }).click()
    await expect.poll(async () => (await participants()).map(({ can_read_history }) => can_read_history)).toEqual([true, false])
    await slideover.getByRole('button', { name: 'Participant nina@marsh.example' }).click()
    await page.getByRole('menuitem', { name: 'Remove' }).click()
    await expect(theirs.getByRole('button', { name: 'Participant nina@marsh.example' })).toBeHidden()
    expect((await participants()).map(({ name }) => name)).toEqual(['Mona Minor'])
  })
})

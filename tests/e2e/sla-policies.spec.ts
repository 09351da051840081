import { expectAccessible, expectToFit } from './support/accessible.ts'
import { api, newTeam, newTicket } from './support/people.ts'
import { database } from './support/database.ts'
import { expect, goTo, notification, open, test } from './support/test.ts'
import type { SlaPolicy } from '../../shared/types/api.ts'

test('an admin writes the escalations of a policy, and the ticket and the audit log show what they did', async ({ signedIn }) => {
  const team = await newTeam('Escalations', { admin: 'Adam Admin', member: 'Mia Member' })
  const { admin, member } = team.people
  const policies = `/api/teams/${team.id}/sla-policies`
  await api(admin, 'POST', policies, {
    name: 'Standard',
    targets: { resolution: { normal: 3_605 } },
    pauses: { next_response: ['open'], resolution: ['waiting'] }
  })
  const page = await signedIn(admin)
  await open(page, '/settings/sla')
  await page.getByRole('button', { name: 'Standard', exact: true }).click()
  const form = page.getByRole('dialog', { name: 'Edit SLA policy' })
  const step = (number: number) => form.getByRole('group', { name: `Escalation ${number}` })
  const choose = async (number: number, label: string, option: string) => {
    await step(number).getByLabel(label).click()
    await page.getByRole('option', { name: option }).click()
  }

  await test.step('An escalation without people is refused beside its field', async () => {
    await form.getByRole('button', { name: 'Add escalation' }).click()
    await expect(step(1).getByLabel('When this target')).toBeFocused()
    await form.getByRole('button', { name: 'Save' }).click()
    await expect(step(1).getByText('Choose whom to notify')).toBeVisible()
    await step(1).getByLabel('People').click()
    await page.getByRole('option', { name: 'Every owner' }).click()
    await page.getByRole('option', { name: 'Mia Member' }).click()
    await page.keyboard.press('Escape')
    await expect(step(1).getByText('Choose whom to notify')).toBeHidden()
  })

  await test.step('Steps are added, put in order by keyboard and removed', async () => {
    await form.getByRole('button', { name: 'Add escalation' }).click()
    await choose(2, 'Do this', 'Raise the severity by one')
    await form.getByRole('button', { name: 'Add escalation' }).click()
    await choose(3, 'Do this', 'Assign to')
    await choose(3, 'Member', 'Mia Member')
    await form.getByRole('button', { name: 'Move escalation 3 up' }).focus()
    await page.keyboard.press('Enter')
    await expect(form.getByRole('button', { name: 'Move escalation 2 up' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(step(1).getByLabel('Do this')).toContainText('Assign to')
    await form.getByRole('button', { name: 'Add escalation' }).click()
    await form.getByRole('button', { name: 'Remove escalation 4' }).click()
    await expect(form.getByRole('button', { name: 'Add escalation' })).toBeFocused()
    await expectAccessible(page)
  })

  await test.step('It is saved as it reads, and nothing else of the policy changes', async () => {
    await form.getByRole('button', { name: 'Save' }).click()
    await expect(notification(page, '“Standard” was saved. It applies to new tickets.')).toBeVisible()
    await expect(page.getByText('3 escalations')).toBeVisible()
    const [policy] = await api<SlaPolicy[]>(admin, 'GET', policies)
    expect(policy).toMatchObject({
      targets: { resolution: { normal: 3_605 } },
      pauses: { next_response: ['open'], resolution: ['waiting'] },
      escalations: [
        { metric: null, when: 'breach', action: 'assign', member_id: member.id },
        { metric: null, when: 'breach', action: 'notify', members: [member.id], roles: ['owner'], followers: false },
        { metric: null, when: 'breach', action: 'raise_severity' }
      ]
    })
  })

  await test.step('An overdue ticket is escalated by the policy, as its history says', async () => {
    const ticket = await newTicket(admin, team, { subject: 'Forgotten' })
    await database()`update public.sla_clocks set due_at = now() where team_id = ${team.id}`
    await goTo(page, `/tickets?ticket=${ticket.ticket_number}`)
    const conversation = page.getByRole('dialog', { name: /Ticket #/ })
    await expect(conversation.getByText('SLA policy “Standard” set the severity to SEV 2')).toBeVisible({ timeout: 15_000 })
    await conversation.getByRole('button', { name: /^Show \d+ more change/ }).click()
    await expect(conversation.getByText('SLA policy “Standard” assigned it to Mia Member')).toBeVisible()
    await expect(conversation.getByText('SLA policy “Standard” notified Mia Member, every owner')).toBeVisible()
  })

  await test.step('The audit log names the escalations of the policy and what they did; the form fits a phone', async () => {
    await goTo(page, '/settings/audit')
    await expect(page.getByText(/SLA policy “Standard”\s+set the severity of/)).toBeVisible()
    await page.setViewportSize({ width: 375, height: 800 })
    await goTo(page, '/settings/sla')
    await page.getByRole('button', { name: 'Standard', exact: true }).click()
    await expect(step(3)).toBeVisible()
    await expectToFit(page)
  })
})

import { api, newTeam } from './support/people.ts'
import { expect, open, test } from './support/test.ts'
import type { Team } from '#shared/types/api'

test('an owner chooses by keyboard which mails clients get and when they are asked for a rating', async ({ signedIn }) => {
  const { id, people } = await newTeam('Quiet')
  const settings = async () => {
    const { client_mails, rating_delay_minutes } = await api<Team>(people.owner, 'GET', `/api/teams/${id}`)
    return { client_mails: client_mails.toSorted(), rating_delay_minutes }
  }
  const page = await signedIn(people.owner)
  await open(page, '/settings/team')
  const section = page.getByRole('region', { name: 'Mails to clients' })
  await expect(section.getByRole('switch')).toHaveCount(4)
  await expect(section.getByText('Clients do not learn of answers')).toHaveCount(0)
  await section.getByRole('switch', { name: 'New reply' }).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await expect(section.getByRole('switch', { name: 'New status' })).not.toBeChecked()
  await expect(section.getByText('Clients do not learn of answers')).toBeVisible()
  await expect.poll(settings).toEqual({ client_mails: ['assigned', 'ticket_received'], rating_delay_minutes: 60 })

  await section.getByRole('combobox', { name: 'Ask for a rating' }).click()
  await page.getByRole('option', { name: 'Never' }).click()
  await section.getByRole('switch', { name: 'New reply' }).click()
  await expect.poll(settings).toEqual({ client_mails: ['assigned', 'public_reply', 'ticket_received'], rating_delay_minutes: null })

  await page.reload()
  await expect(section.getByRole('switch', { name: 'New reply' })).toBeChecked()
  await expect(section.getByRole('switch', { name: 'New status' })).not.toBeChecked()
  await expect(section.getByRole('combobox', { name: 'Ask for a rating' })).toHaveText('Never')
})

import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Ticket } from '#shared/types/api'
import { api, database, newTeam } from '../support/api.ts'
import { readHeader, mailsTo, newAddress } from '../support/mail.ts'
import { describeRouteRights } from '../support/routes.ts'
import { ann, type TeamWorld } from '../support/world.ts'

describeRouteRights('unsubscribe')

/** Skips the minute in which notices are collected: waits for a mail of notices and makes it due. */
async function makeNoticesDue(team: TeamWorld): Promise<void> {
  await expect
    .poll(
      async () =>
        (
          await database()`update public.mails set next_attempt_at = now() where team_id = ${team.id} and state = 'waiting' and kind = 'member_notice' returning id`
        ).length,
      { timeout: 10_000 }
    )
    .toBeGreaterThan(0)
}

test('a mail client unsubscribes from the notices of a team with one POST, and opening the link shows a page', async () => {
  const team = await newTeam()
  const [email, nora] = [newAddress('nora'), randomUUID()]
  await database()`insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_user_meta_data) values (${nora}, ${email}, 'x', now(), '{"full_name": "Nora New"}')`
  await database()`insert into public.team_members (team_id, user_id, role) values (${team.id}, ${nora}, 'member')`
  const { body: ticket } = await api<Ticket>(ann, 'POST', `/teams/${team.id}/tickets`, { subject: 'For Nora', description: 'x' })
  await api(ann, 'PATCH', `/teams/${team.id}/tickets/${ticket.id}`, { assigned_to: nora })
  await makeNoticesDue(team)
  const mail = (await mailsTo(email))[0]!
  const url = readHeader(mail, 'List-Unsubscribe')!.slice(1, -1)
  expect(readHeader(mail, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click')
  expect(readHeader(mail, 'List-Id')).toBe(`Acme <notices.${team.id}.localhost>`)
  const page = await fetch(url)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('Unsubscribe from mails?')
  const post = (body: string) => fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  expect((await post('x=1')).status).toBe(400)
  expect(await database()`select from public.notification_preferences where user_id = ${nora}`).toEqual([])
  expect((await post('List-Unsubscribe=One-Click')).status).toBe(200)
  expect(
    (await database()`select mail from public.notification_preferences where user_id = ${nora}`).every(row => row.mail === false)
  ).toBe(true)
  expect(
    (
      await fetch(url.replace(/[\w-]{43}$/, 'x'.repeat(43)), {
        method: 'POST',
        body: 'List-Unsubscribe=One-Click',
        headers: { 'content-type': 'application/x-www-form-urlencoded' }
      })
    ).status
  ).toBe(404)
})

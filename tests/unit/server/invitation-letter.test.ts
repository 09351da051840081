import { expect, test } from 'vitest'
import { invitationMail } from '#server/domain/mail/invitation-letter'

const invitation = { id: 'i', email: 'nina@mail.test', role: 'member' as const, invited_by: 'Ann <b>', created_at: '', expires_at: '' }

test('an invitation carries its link in both parts, and names as text', () => {
  const mail = invitationMail('The "Team" <img src=x onerror=alert(1)>', { invitation, token: 'secret' }, 'https://desk.test/')
  expect(mail).toMatchObject({ to: 'nina@mail.test', subject: 'Ann <b> invited you to The "Team" <img src=x onerror=alert(1)> on Switchboard' })
  expect(mail.text).toContain('Join as member:\nhttps://desk.test/invitations/secret\n')
  expect(mail.html).toContain('href="https://desk.test/invitations/secret"')
  expect(mail.html).not.toMatch(/<img|<b>/)
})

test('an invitation of somebody who has gone names nobody, and a name is on one line of the subject', () => {
  expect(invitationMail('Acme', { invitation: { ...invitation, invited_by: null }, token: 'x' }, 'https://desk.test').subject).toBe('Somebody invited you to Acme on Switchboard')
  expect(invitationMail('Acme\r\nBcc: x@evil.test', { invitation, token: 'x' }, 'https://desk.test').subject).toBe('Ann <b> invited you to Acme Bcc: x@evil.test on Switchboard')
})

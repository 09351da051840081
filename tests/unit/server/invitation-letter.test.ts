import { expect, test } from 'vitest'
import { invitationMail } from '#server/domain/mail/invitation-letter'

const invitation = { id: 'i', email: 'nina@mail.test', role: 'member' as const, invited_by: 'Ann <b>', created_at: '', expires_at: '' }

test('an invitation has its link in the text and HTML parts, and escapes names', async () => {
  const mail = await invitationMail(
    { name: 'The "Team" <img src=x onerror=alert(1)>', isNew: false },
    { invitation, token: 'secret' },
    'https://desk.test/'
  )
  expect(mail).toMatchObject({
    to: 'nina@mail.test',
    subject: 'Ann <b> invited you to The "Team" <img src=x onerror=alert(1)> on Switchboard'
  })
  expect(mail.text).toContain('Join as member:\nhttps://desk.test/invitations/secret\n')
  expect(mail.html).toContain('href="https://desk.test/invitations/secret"')
  expect(mail.html).not.toMatch(/<img|<b>/)
})

test('an invitation without an inviter says “Somebody”, and line breaks are removed from the subject', async () => {
  expect(
    (
      await invitationMail(
        { name: 'Acme', isNew: false },
        { invitation: { ...invitation, invited_by: null }, token: 'x' },
        'https://desk.test'
      )
    ).subject
  ).toBe('Somebody invited you to Acme on Switchboard')
  expect(
    (await invitationMail({ name: 'Acme\r\nBcc: x@evil.test', isNew: false }, { invitation, token: 'x' }, 'https://desk.test')).subject
  ).toBe('Ann <b> invited you to Acme Bcc: x@evil.test on Switchboard')
})

test('an invitation of a new team has no user-written text in its subject, and only our link', async () => {
  const team = { name: 'PayPal: you won, see http://evil.test/win\u202E or www.evil。test', isNew: true }
  const mail = await invitationMail(
    team,
    { invitation: { ...invitation, invited_by: 'https://evil.test' }, token: 'secret' },
    'https://desk.test'
  )
  expect(mail.subject).toBe('You are invited to a team on Switchboard')
  expect(mail.text).toContain('evil[.]test invited you to PayPal: you won, see evil[.]test/win or www[.]evil[.]test on Switchboard.')
  for (const part of [mail.text, mail.html]) expect(part.match(/https?:\/\/[^\s"<]+/g)).toEqual(['https://desk.test/invitations/secret'])
})

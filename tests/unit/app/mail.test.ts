import { expect, test } from 'vitest'
import type { TicketMail } from '#shared/types/api'
import { isUnsent, mailLevelText, mailSentence, minutesText } from '~/utils/mail/mail'

const mail = (change: Partial<TicketMail>): TicketMail => ({
  id: 'm',
  kind: 'public_reply',
  recipient: 'cleo@mail.test',
  state: 'waiting',
  reason: null,
  created_at: '',
  next_attempt_at: null,
  sent_at: null,
  ...change
})

test.each([
  [{ state: 'waiting' }, false],
  [{ state: 'waiting', reason: 'More than 3 mails in an hour' }, true],
  [{ state: 'suppressed', reason: 'x' }, true],
  [{ state: 'failed' }, true],
  [{ state: 'sent' }, false],
  [{ state: 'cancelled', reason: 'x' }, false],
  [{ state: 'merged', reason: 'x' }, false]
] as const)('isUnsent of a mail in state %j is %s', (change, isShown) => {
  expect(isUnsent(mail(change))).toBe(isShown)
})

test.each([
  [30, '30 minutes'],
  [60, '1 hour'],
  [90, '90 minutes'],
  [1440, '24 hours']
])('minutesText of %i is %j', (minutes, text) => {
  expect(minutesText(minutes)).toBe(text)
})

test('mailSentence says what happened to a mail', () => {
  expect(mailSentence(mail({ reason: 'x' }))).toBe('A reply waits to be mailed to cleo@mail.test')
  expect(mailSentence(mail({ state: 'suppressed', kind: 'ticket_received' }))).toBe('The acknowledgement was not mailed to cleo@mail.test')
  expect(mailSentence(mail({ state: 'failed', kind: 'rating_request' }))).toBe('The rating request could not be mailed to cleo@mail.test')
})

test('mailLevelText says how many people have accepted an invitation', () => {
  const budget = { invitations: { size: 1, used: 0, frees_at: null }, client_mails: { size: 1, used: 0, frees_at: null } }
  expect(mailLevelText({ level: 'new', answers: 1, ...budget })).toMatch(/^1 person has accepted/)
  expect(mailLevelText({ level: 'established', answers: 50, ...budget })).toMatch(/^50 or more people have accepted/)
})

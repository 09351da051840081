import { describe, expect, test } from 'vitest'
import { password, profileUpdate } from '#shared/schemas/profile'
import { invitationToken, slug, teamUpdate } from '#shared/schemas/team'

describe('a password', () => {
  test.each(['8 chars!', 'x'.repeat(64), 'x'.repeat(72), '   spaces   ', 'pässwörter', '密码密码密码密码'])(
    'the password %j is accepted',
    value => {
      expect(password.parse(value)).toBe(value)
    }
  )

  test.each(['', '7 chars', 'x'.repeat(73), 'ä'.repeat(37), '🔑'.repeat(19), 12345678, null])('the password %j is refused', value => {
    expect(password.safeParse(value).success).toBe(false)
  })
})

test.each(['a', 'acme', 'acme-2', '0', 'a'.repeat(48)])('the slug of a team can be %s', value =>
  expect(slug.safeParse(value).success).toBe(true)
)
test.each(['', '-', '-a', 'a-', 'A', 'a b', 'a_b', 'ä', 'a'.repeat(49), 'a\n', '../a'])('the slug of a team cannot be %j', value =>
  expect(slug.safeParse(value).success).toBe(false)
)

test.each([
  'UTC',
  'Europe/Berlin',
  'America/Argentina/Buenos_Aires',
  'America/Buenos_Aires',
  'Asia/Kolkata',
  'Asia/Calcutta',
  'America/Port-au-Prince',
  'Etc/GMT+5'
])('the time zone of a team can be %s', value => expect(teamUpdate.safeParse({ time_zone: value }).success).toBe(true))
test.each([
  '',
  'utc',
  'Foo/Bar',
  '+02:00',
  'europe/berlin',
  'Europe/Berlin ',
  '../etc',
  'GMT+2',
  'Europe/Nowhere',
  'Europe/Berlin/',
  '__proto__'
])('the time zone of a team cannot be %j', value => expect(teamUpdate.safeParse({ time_zone: value }).success).toBe(false))

test('an invitation token is 43 characters of base64url', () => {
  expect(invitationToken.safeParse('aB3_-'.padEnd(43, 'x')).success).toBe(true)
  for (const value of ['', 'x'.repeat(42), 'x'.repeat(44), `${'x'.repeat(42)}=`, `${'x'.repeat(43)}\n`])
    expect(invitationToken.safeParse(value).success).toBe(false)
})

test('profileUpdate accepts an empty change, and no e-mail, avatar, id or password', () => {
  expect(profileUpdate.parse({})).toEqual({})
  for (const field of ['email', 'avatar_url', 'id', 'password']) expect(profileUpdate.safeParse({ [field]: 'x' }).success).toBe(false)
})

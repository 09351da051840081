import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAuthLimits, spendMail } from '../../../supabase/embedded/rate-limits.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const minute = 60_001

test('a mailbox gets one mail of a kind in a minute and five of all kinds in an hour, whatever its spelling', async () => {
  const limits = createAuthLimits(1)
  expect(await spendMail(limits, 'recovery', 'victim@mail.test')).toBeNull()
  expect(await spendMail(limits, 'recovery', 'VICTIM+1@mail.test')).toBe(60)
  expect(await spendMail(limits, 'confirmation', 'victim@mail.test')).toBeNull()
  for (let mail = 0; mail < 3; mail++) {
    vi.advanceTimersByTime(minute)
    expect(await spendMail(limits, 'recovery', `victim+${mail}@mail.test`)).toBeNull()
  }
  vi.advanceTimersByTime(minute)
  expect(await spendMail(limits, 'recovery', 'victim@mail.test')).toBeGreaterThan(3_000)
  expect(await spendMail(limits, 'recovery', 'bystander@mail.test')).toBeNull()
})

test('an account mails five new addresses in an hour', async () => {
  const limits = createAuthLimits(1)
  const waits: (number | null)[] = []
  for (let mail = 0; mail < 7; mail++) {
    waits.push(await spendMail(limits, 'email_change', `target.${mail}@mail.test`, 'mallory'))
    vi.advanceTimersByTime(minute)
  }
  expect(waits).toEqual([null, null, null, null, null, expect.any(Number), expect.any(Number)])
})

test('the auth server mails a hundred times in an hour', async () => {
  const limits = createAuthLimits(1)
  for (let mail = 0; mail < 100; mail++) expect(await spendMail(limits, 'confirmation', `p${mail}@mail.test`)).toBeNull()
  expect(await spendMail(limits, 'confirmation', 'late@mail.test')).toBeGreaterThan(3_000)
  vi.advanceTimersByTime(3_600_001)
  expect(await spendMail(limits, 'confirmation', 'late@mail.test')).toBeNull()
})

import { RateLimiterMemory } from 'rate-limiter-flexible'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { chargeMail, createAuthLimits, createBucket, spendMail, type CreateCounter } from '../../../supabase/embedded/rate-limits.ts'

const minute = 60_001
const inMemory: CreateCounter = (name, points, seconds) => new RateLimiterMemory({ keyPrefix: name, points, duration: seconds })

describe('the token bucket of session renewals', () => {
  test('a bucket allows a burst, refills over time, and answers the seconds to wait', async () => {
    let now = 0
    const bucket = createBucket(30, 0.5, () => now)
    for (let count = 0; count < 30; count++) expect(await bucket.spend('10.0.0.1')).toBeNull()
    expect(await bucket.spend('10.0.0.1')).toBe(2)
    expect(await bucket.spend('10.0.0.2')).toBeNull()
    now = 2_000
    expect(await bucket.spend('10.0.0.1')).toBeNull()
    expect(await bucket.spend('10.0.0.1')).toBe(2)
    now = 300_000
    let spent = 0
    while ((await bucket.spend('10.0.0.1')) === null) spent++
    expect(spent).toBe(30)
  })

  test('a bucket allows at most 180 renewals in five minutes', async () => {
    let now = 0
    let spent = 0
    const bucket = createBucket(30, 0.5, () => now)
    for (; now < 300_000; now += 100) if ((await bucket.spend('10.0.0.1')) === null) spent++
    expect(spent).toBeLessThanOrEqual(180)
    expect(spent).toBeGreaterThan(170)
  })
})

describe('the mail budgets of the auth server', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('a mailbox gets one mail of a kind per minute and five per hour, whatever the spelling of its address', async () => {
    const limits = createAuthLimits(1, inMemory)
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

  test('an account can mail at most five new addresses per hour', async () => {
    const limits = createAuthLimits(1, inMemory)
    const waits: (number | null)[] = []
    for (let mail = 0; mail < 7; mail++) {
      waits.push(await spendMail(limits, 'email_change', `target.${mail}@mail.test`, 'mallory'))
      vi.advanceTimersByTime(minute)
    }
    expect(waits).toEqual([null, null, null, null, null, expect.any(Number), expect.any(Number)])
  })

  test('the auth server sends at most 100 mails per hour, and requests that send none do not count', async () => {
    const limits = createAuthLimits(1, inMemory)
    for (let request = 0; request < 200; request++) expect(await spendMail(limits, 'recovery', `unknown${request}@mail.test`)).toBeNull()
    for (let mail = 0; mail < 100; mail++) {
      expect(await spendMail(limits, 'confirmation', `p${mail}@mail.test`)).toBeNull()
      expect(await chargeMail(limits)).toBeNull()
    }
    expect(await spendMail(limits, 'confirmation', 'late@mail.test')).toBeGreaterThan(3_000)
    expect(await chargeMail(limits)).toBeGreaterThan(3_000)
    vi.advanceTimersByTime(3_600_001)
    expect(await spendMail(limits, 'confirmation', 'late@mail.test')).toBeNull()
  })

  test('a request that the empty server budget refuses does not charge the mailbox', async () => {
    const limits = createAuthLimits(1, inMemory)
    for (let mail = 0; mail < 100; mail++) await chargeMail(limits)
    for (let attempt = 0; attempt < 10; attempt++) expect(await spendMail(limits, 'recovery', 'victim@mail.test')).toBeGreaterThan(3_000)
    vi.advanceTimersByTime(3_600_001)
    expect(await spendMail(limits, 'recovery', 'victim@mail.test')).toBeNull()
  })
})

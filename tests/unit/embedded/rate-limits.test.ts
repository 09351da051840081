import { describe, expect, test } from 'vitest'
import { createBucket } from '../../../supabase/embedded/rate-limits.ts'

describe('the budget of session renewals', () => {
  test('allows a burst, then what is refilled, and says how long to wait', async () => {
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
    while (await bucket.spend('10.0.0.1') === null) spent++
    expect(spent).toBe(30)
  })

  test('allows 180 renewals in five minutes at most', async () => {
    let now = 0
    let spent = 0
    const bucket = createBucket(30, 0.5, () => now)
    for (; now < 300_000; now += 100) if (await bucket.spend('10.0.0.1') === null) spent++
    expect(spent).toBeLessThanOrEqual(180)
    expect(spent).toBeGreaterThan(170)
  })
})

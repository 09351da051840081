import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStorage } from '../../support/browser-storage.ts'

type ServerTime = typeof import('~/utils/app/server-time')

const truth = Date.parse('2026-11-28T12:00:00Z')
const hour = 3_600_000
const token = (issuedAt: number) =>
  `header.${Buffer.from(JSON.stringify({ iat: Math.floor(issuedAt / 1000), name: 'Zoë ÿ' })).toString('base64url')}.signature`

describe('the server time', () => {
  let time: ServerTime

  const load = async () => {
    vi.resetModules()
    time = await import('~/utils/app/server-time')
  }
  beforeEach(async () => {
    vi.useFakeTimers()
    vi.stubGlobal('window', {})
    vi.stubGlobal('localStorage', createStorage())
    await load()
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it.each([
    ['an hour fast', hour],
    ['a day fast', 24 * hour],
    ['an hour slow', -hour],
    ['three years slow', -3 * 8766 * hour]
  ])('the server time is learnt from a Date header or a new token when the clock is %s', async (_, wrong) => {
    vi.setSystemTime(truth + wrong)
    expect(time.serverNow()).toBe(truth + wrong)
    time.learnFromDate(new Date(truth).toUTCString(), Date.now() - 200)
    expect(Math.abs(time.serverNow() - truth)).toBeLessThan(1_500)

    localStorage.clear()
    await load()
    time.learnFromToken(token(truth))
    expect(Math.abs(time.serverNow() - truth)).toBeLessThan(1_500)
    await load() // the next visit reads the stored offset
    expect(Math.abs(time.serverNow() - truth)).toBeLessThan(1_500)
  })

  it('the server time is the local clock when that is within seconds of the server', () => {
    vi.setSystemTime(truth)
    time.learnFromDate(new Date(truth - 2_000).toUTCString(), Date.now() - 100)
    expect(time.serverNow()).toBe(truth)
    expect(localStorage).toHaveLength(0)
  })

  it('the server time follows a clock that was corrected', () => {
    vi.setSystemTime(truth + hour)
    time.learnFromDate(new Date(truth).toUTCString(), Date.now())
    vi.setSystemTime(truth + 1_000)
    time.learnFromDate(new Date(truth + 1_000).toUTCString(), Date.now())
    expect(time.serverNow()).toBe(truth + 1_000)
    expect(localStorage).toHaveLength(0)
  })

  it('the server time is not learnt from a slow answer, a missing or invalid Date, or an invalid token', () => {
    vi.setSystemTime(truth)
    const other = new Date(truth - hour).toUTCString()
    time.learnFromDate(other, Date.now() - 60_000)
    time.learnFromDate(other, Date.now() + 1)
    time.learnFromDate(other, NaN)
    for (const header of [null, undefined, '', 'yesterday']) time.learnFromDate(header, Date.now())
    for (const text of [undefined, 7, '', 'a.b.c', 'a', `a.${btoa('{}')}.c`, 'a.%%.c']) time.learnFromToken(text)
    expect(time.serverNow()).toBe(truth)
  })
})

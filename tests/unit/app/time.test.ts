import { describe, expect, it } from 'vitest'
import { exactTime, relativeTime } from '~/utils/app/time'

const now = Date.parse('2026-03-10T12:00:00Z')
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString()

describe('relativeTime', () => {
  it('relativeTime uses the largest whole unit', () => {
    const cases: [number, string][] = [
      [0, 'just now'],
      [59, 'just now'],
      [60, '1 minute ago'],
      [3_599, '59 minutes ago'],
      [7_200, '2 hours ago'],
      [86_399, '23 hours ago'],
      [86_400, '1 day ago'],
      [8 * 86_400, '1 week ago'],
      [61 * 86_400, '2 months ago'],
      [800 * 86_400, '2 years ago']
    ]
    for (const [seconds, text] of cases) expect(relativeTime(ago(seconds), now)).toBe(text)
  })

  it('relativeTime names times in the future', () => {
    expect(relativeTime(ago(-3 * 86_400), now)).toBe('in 3 days')
    expect(relativeTime(ago(-3 * 86_400 + 5), now)).toBe('in 3 days')
  })

  it('an invalid time is shown as an empty text', () => {
    expect(relativeTime('soon', now)).toBe('')
    expect(exactTime('soon')).toBe('')
  })
})

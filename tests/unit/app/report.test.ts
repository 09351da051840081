import { describe, expect, test } from 'vitest'
import {
  averageRating,
  countChange,
  countTicks,
  dayText,
  duration,
  durationChange,
  ratingChange,
  responseRate,
  resultText,
  shareText
} from '~/utils/report/report'

describe('a duration', () => {
  test.each([
    [null, '—'],
    [0, '0 min'],
    [0.4, '24 min'],
    [0.99, '59 min'],
    [0.999, '1 h'],
    [1, '1 h'],
    [9.42, '9.4 h'],
    [47.9, '47.9 h'],
    [47.96, '2 days'],
    [72, '3 days'],
    [77, '3.2 days'],
    [2_400, '100 days'],
    [30_000, '1,250 days']
  ])('a duration of %j hours reads %s', (hours, text) => {
    expect(duration(hours)).toBe(text)
  })
})

describe('a rating', () => {
  test('an average has one decimal', () => {
    expect([4, 4.25, 4.96, null].map(averageRating)).toEqual(['4.0', '4.3', '5.0', '—'])
  })

  test('the response rate has its counts', () => {
    expect(responseRate({ asked: 0, rated: 0 })).toBe('nobody was asked')
    expect(responseRate({ asked: 3, rated: 1 })).toBe('1 of 3 rated (33%)')
  })

  test.each([
    [4.5, 4.1, '0.4 better than in the 30 days before', 'up'],
    [3, 5, '2.0 worse than in the 30 days before', 'down'],
    [4.52, 4.5, 'as good as in the 30 days before', null],
    [4, null, 'no ratings in the 30 days before', null],
    [null, 4, 'no ratings', null]
  ])('an average of %j after %j reads %s', (now, before, text, direction) => {
    expect(ratingChange(now, before, 30)).toEqual({ text, direction })
  })
})

describe('a change against the previous days', () => {
  test.each([
    [40, 32, '25% more than in the 30 days before', 'up'],
    [24, 32, '25% fewer than in the 30 days before', 'down'],
    [32, 32, 'as many as in the 30 days before', null],
    [1001, 1000, 'as many as in the 30 days before', null],
    [0, 8, '100% fewer than in the 30 days before', 'down'],
    [5, 0, 'none in the 30 days before', null],
    [0, 0, 'also none in the 30 days before', null]
  ])('a change to %d tickets from %d reads "%s"', (now, before, text, direction) => {
    expect(countChange(now, before, 30)).toEqual({ text, direction })
  })

  test.each([
    [6, 8, '25% faster than in the 14 days before', 'down'],
    [10, 8, '25% slower than in the 14 days before', 'up'],
    [8, 8, 'as fast as in the 14 days before', null],
    [8, null, 'nothing to compare in the 14 days before', null],
    [8, 0, 'nothing to compare in the 14 days before', null],
    [null, 8, 'nothing to measure', null]
  ])('a change to %j hours from %j reads "%s"', (now, before, text, direction) => {
    expect(durationChange(now, before, 14)).toEqual({ text, direction })
  })
})

test('dayText shows the same day in every time zone', () => {
  expect(dayText('2026-03-29')).toBe('29 Mar')
  expect(dayText('2026-03-29', 'long')).toBe('Sun, 29 Mar 2026')
})

test.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [4, [0, 1, 2, 3, 4]],
  [5, [0, 2, 4, 6]],
  [16, [0, 5, 10, 15, 20]],
  [40, [0, 10, 20, 30, 40]],
  [274, [0, 100, 200, 300]],
  [1_001, [0, 500, 1_000, 1_500]]
])('countTicks marks an axis up to %d with the whole numbers %j', (highest, ticks) => {
  expect(countTicks(highest)).toEqual(ticks)
})

describe('a share', () => {
  test.each([
    [null, '—'],
    [0, '0%'],
    [0.57, '57%'],
    [0.6667, '66.6%'],
    [0.9999, '99.9%'],
    [1, '100%']
  ])('a share of %j reads %s', (share, text) => {
    expect(shareText(share)).toBe(text)
  })

  test('a result says of how many clocks, and that none ended', () => {
    expect(resultText({ met: 3, missed: 1, compliance: 0.75 })).toBe('75% of 4')
    expect(resultText({ met: 0, missed: 0, compliance: null })).toBe('none ended')
  })
})

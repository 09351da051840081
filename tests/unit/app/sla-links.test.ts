import { expect, test } from 'vitest'
import type { SlaReport } from '#shared/types/api'
import { slaListPath } from '~/utils/report/sla-links'

const report = { from: '2026-06-04', to: '2026-06-17', per_policy: [], per_agent: [] } as unknown as SlaReport

test.each([
  ['of the whole report', undefined, '2026-06-04..2026-06-17'],
  ['of its first week, which began earlier', '2026-06-01', '2026-06-04..2026-06-07'],
  ['of a week within', '2026-06-08', '2026-06-08..2026-06-14'],
  ['of its last week, which ends later', '2026-06-15', '2026-06-15..2026-06-17']
])('the list %s names the days that the report counts', (_, week, days) => {
  const { query } = slaListPath(report, { metric: 'first_response', week })
  expect(query.q).toBe(`sla:met,missed metric:first_response ended:${days}`)
})

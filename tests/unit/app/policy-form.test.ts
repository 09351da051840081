import { describe, expect, test } from 'vitest'
import type { SlaPolicy } from '#shared/types/api'
import { parseSpan, policyFields, policyFormSchema, policyInput } from '../../../app/utils/sla/policy-form'

const policy: SlaPolicy = {
  id: '11111111-0000-4000-8000-000000000001',
  team_id: '11111111-0000-4000-8000-000000000002',
  name: 'Standard',
  position: 3,
  is_active: true,
  conditions: 'priority:high',
  target_by: 'severity',
  targets: { first_response: { 1: 90, 2: 5_445 }, resolution: { 1: 3_600, 5: 604_800 } },
  calendar_id: null,
  calendar_name: null,
  pauses: { next_response: ['open'], resolution: ['waiting', 'snoozed'] },
  warn_percent: 70,
  reopen_percent: 30,
  version: 4,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z'
}

describe('the form of a policy', () => {
  test('a policy that is saved unchanged stays as it is, whatever the API set', () => {
    const { name, conditions, target_by, targets, calendar_id, pauses, warn_percent, reopen_percent } = policy
    expect(policyInput(policyFormSchema.parse(policyFields(policy)))).toEqual({
      name,
      conditions,
      target_by,
      targets,
      calendar_id,
      pauses,
      warn_percent,
      reopen_percent
    })
  })

  test.each<[text: string, seconds: number | null | undefined]>([
    ['', null],
    ['90', 5_400],
    ['4h', 14_400],
    ['1 h 30 min', 5_400],
    ['1h30', 5_400],
    ['1 min 30 s', 90],
    ['75s', 75],
    ['2 hours 1 minute 5 seconds', 7_265],
    ['soon', undefined],
    ['4h 4h', undefined]
  ])('“%s” is %s seconds', (text, seconds) => expect(parseSpan(text)).toBe(seconds))
})

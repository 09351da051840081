import { describe, expect, test } from 'vitest'
import type { SlaPolicy } from '#shared/types/api'
import { newEscalation } from '../../../app/utils/sla/escalation-form'
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
  escalations: [
    {
      metric: null,
      when: 'warning',
      action: 'notify',
      members: ['22222222-0000-4000-8000-000000000001'],
      roles: ['admin'],
      followers: true
    },
    { metric: 'resolution', when: 'breach', action: 'raise_severity' },
    { metric: 'next_response', when: 'breach', action: 'assign', member_id: '22222222-0000-4000-8000-000000000002' },
    { metric: null, when: 'breach', action: 'add_tag', tag: 'late' }
  ],
  version: 4,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z'
}

describe('the form of a policy', () => {
  test('a policy that is saved unchanged stays as it is, whatever the API set', () => {
    const { name, conditions, target_by, targets, calendar_id, pauses, warn_percent, reopen_percent, escalations } = policy
    expect(policyInput(policyFormSchema.parse(policyFields(policy)))).toEqual({
      name,
      conditions,
      target_by,
      targets,
      calendar_id,
      pauses,
      warn_percent,
      reopen_percent,
      escalations
    })
  })

  test('an incomplete escalation says what is missing, and so does one that is listed twice', () => {
    const raise = { ...newEscalation(), action: 'raise_severity' as const }
    const escalations = [
      newEscalation(),
      { ...newEscalation(), action: 'assign' as const },
      { ...newEscalation(), action: 'add_tag' as const, tag: 'a,b' },
      raise,
      { ...raise, people: ['followers'] }
    ]
    const { error } = policyFormSchema.safeParse({ ...policyFields(policy), escalations })
    expect(error!.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
      ['escalations.0.people', 'Choose whom to notify'],
      ['escalations.1.member_id', 'Choose a member'],
      ['escalations.2.tag', 'A tag cannot contain a comma'],
      ['escalations.4.action', 'This escalation is listed twice']
    ])
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

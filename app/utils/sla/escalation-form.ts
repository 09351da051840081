import type { Role } from '#shared/permissions'
import type { Escalation } from '#shared/schemas/sla'
import { tag } from '#shared/schemas/ticket'
import { z } from '#shared/schemas/zod'
import { escalationMoments, maxEscalations, slaMetrics, type EscalationMoment, type SlaMetric } from '#shared/sla/clock'

export const escalationActions = ['notify', 'raise_severity', 'assign', 'add_tag'] as const
export type EscalationAction = (typeof escalationActions)[number]

/** One escalation as people write it. What another action needs is kept while the form is open. */
export interface EscalationFields {
  metric: SlaMetric | 'any'
  when: EscalationMoment
  action: EscalationAction
  /** `member:<id>`, `role:<role>` and `followers`. */
  people: string[]
  member_id: string
  tag: string
}

export const followers = 'followers'

/** The list of escalations in the form of a policy. */
export const escalationsFormSchema = z
  .array(
    z.object({
      metric: z.enum(['any', ...slaMetrics]),
      when: z.enum(escalationMoments),
      action: z.enum(escalationActions),
      people: z.array(z.string()),
      member_id: z.string(),
      tag: z.string()
    })
  )
  .max(maxEscalations)
  .superRefine((rows, context) => {
    const seen = new Set<string>()
    for (const [index, row] of rows.entries()) {
      const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [index, field], message })
      if (row.action === 'notify' && row.people.length === 0) refuse('people', 'Choose whom to notify')
      if (row.action === 'assign' && !row.member_id) refuse('member_id', 'Choose a member')
      if (row.action === 'add_tag') {
        const { error } = tag.safeParse(row.tag)
        if (error) refuse('tag', error.issues[0]!.message)
      }
      const step = JSON.stringify(escalationInput(row))
      if (seen.has(step)) refuse('action', 'This escalation is listed twice')
      seen.add(step)
    }
  })

export function newEscalation(): EscalationFields {
  return { metric: 'any', when: 'breach', action: 'notify', people: [], member_id: '', tag: '' }
}

export function escalationFields(step: Escalation): EscalationFields {
  return {
    ...newEscalation(),
    metric: step.metric ?? 'any',
    when: step.when,
    action: step.action,
    ...(step.action === 'notify' && {
      people: [...step.members.map(id => `member:${id}`), ...step.roles.map(role => `role:${role}`), ...(step.followers ? [followers] : [])]
    }),
    ...(step.action === 'assign' && { member_id: step.member_id }),
    ...(step.action === 'add_tag' && { tag: step.tag })
  }
}

export function escalationInput({ metric, when, action, people, member_id, tag }: EscalationFields): Escalation {
  const step = { metric: metric === 'any' ? null : metric, when }
  const chosen = (kind: string) => people.filter(value => value.startsWith(kind)).map(value => value.slice(kind.length))
  switch (action) {
    case 'notify':
      return {
        ...step,
        action,
        members: chosen('member:'),
        roles: chosen('role:') as Role[],
        followers: people.includes(followers)
      }
    case 'assign':
      return { ...step, action, member_id }
    case 'add_tag':
      return { ...step, action, tag: tag.trim() }
    default:
      return { ...step, action }
  }
}

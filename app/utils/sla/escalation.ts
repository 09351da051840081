import type { Role } from '#shared/permissions'
import type { Escalation } from '#shared/schemas/sla'
import { metricNames } from '#shared/sla/receipt'

// Free of zod, because the history of every ticket shows these texts.

/** "When the resolution is overdue: raise the severity by one". `nameOf` returns the name of a member. */
export function escalationText(step: Escalation, nameOf: (id: string) => string): string {
  const { metric, when } = step
  const target = metric ? `the ${metricNames[metric].toLowerCase()}` : 'any target'
  return `When ${target} is ${when === 'breach' ? 'overdue' : 'due soon'}: ${escalationActionText(step, nameOf)}`
}

function escalationActionText(step: Escalation, nameOf: (id: string) => string): string {
  switch (step.action) {
    case 'notify':
      return `notify ${peopleText({ names: step.members.map(nameOf), roles: step.roles, followers: step.followers })}`
    case 'raise_severity':
      return 'raise the severity by one'
    case 'assign':
      return `assign it to ${nameOf(step.member_id)}`
    case 'add_tag':
      return `add the tag ${step.tag}`
  }
}

/** "Bob Byrd, every admin, its followers" */
export function peopleText({ names, roles, followers }: { names: string[]; roles: readonly Role[]; followers: boolean }): string {
  return [...names, ...roles.map(role => `every ${role}`), ...(followers ? ['its followers'] : [])].join(', ')
}

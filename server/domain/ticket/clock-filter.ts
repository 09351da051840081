import { sql, type RawBuilder, type SqlBool } from 'kysely'
import { uuid } from '#shared/schemas/text'
import { addDays } from '#shared/utils/day'
import type { SearchKey, SearchOperator } from '#shared/utils/search-query'
import type { Caller } from '../caller'
import { anyOf, asInstant, toLowerAll } from '../condition'

const keys: SearchKey[] = ['sla', 'metric', 'ended', 'policy', 'agent']
const states: Record<string, string> = { met: 'achieved', missed: 'missed' }

/** Whether an operator is about an SLA clock of a ticket. */
export function isOfClock(key: SearchKey): boolean {
  return keys.includes(key)
}

/** `tickets as ticket` has a clock that was met or missed and to which all of these operators apply, as the SLA report counts it. */
export function clockConditions(operators: SearchOperator[], caller: Caller): RawBuilder<SqlBool> {
  const { teamId } = caller
  const results = operators.find(({ key }) => key === 'sla')?.values ?? Object.keys(states)
  const all = [
    sql`clock.team_id = ${teamId}`,
    sql`clock.state in (${sql.join(results.map(value => states[value]))})`,
    ...operators.filter(({ key }) => key !== 'sla').map(({ key, values }) => anyOf(values.map(value => conditionOf(key, value, caller))))
  ]
  return sql`ticket.id in (select clock.ticket_id from sla_clocks as clock where ${sql.join(all, sql` and `)})`
}

function conditionOf(key: SearchKey, value: string, { teamId, userId }: Caller): RawBuilder<SqlBool> {
  const name = toLowerAll([value])
  switch (key) {
    case 'metric':
      return sql`clock.metric = ${value}`
    case 'ended':
      return isWithin(value, teamId)
    // Links name a person or policy by the id if another one has the same name. A policy that was deleted has the name that it had.
    case 'policy':
      return uuid.safeParse(value).success
        ? sql`clock.policy ->> 'id' = ${value}`
        : sql`(clock.policy_id in (select policy.id from sla_policies as policy where policy.team_id = ${teamId} and lower(policy.name) = ${name})
            or clock.policy_id is null and lower(clock.policy ->> 'name') = ${name})`
    default:
      if (value.toLowerCase() === 'none') return sql`clock.agent_id is null`
      if (value.toLowerCase() === 'me') return sql`clock.agent_id = ${userId}`
      return uuid.safeParse(value).success
        ? sql`clock.agent_id = ${value}::uuid`
        : sql`clock.agent_id in (select person.id from profiles as person where lower(person.full_name) = ${name})`
  }
}

/** A day, or a first and a last one, in the time zone of the team. */
function isWithin(days: string, teamId: string): RawBuilder<SqlBool> {
  const [first, last = first] = days.split('..') as [string, string?]
  return sql`(clock.ended_at >= ${asInstant(first, teamId)} and clock.ended_at < ${asInstant(addDays(last, 1), teamId)})`
}

import type { TransactionSql } from 'postgres'

const hour = 3600
const recorders = ['sla_clocks__record_warning', 'sla_clocks__record_breach', 'sla_clocks__record_success']

const policies = [
  {
    name: 'Gold',
    position: 1,
    conditions: [{ key: 'tier', values: ['Gold'], not: false }],
    targets: {
      first_response: { low: 4 * hour, normal: 2 * hour, high: hour, urgent: hour / 2 },
      next_response: { low: 8 * hour, normal: 4 * hour, high: 2 * hour, urgent: hour },
      resolution: { low: 160 * hour, normal: 80 * hour, high: 40 * hour, urgent: 16 * hour }
    }
  },
  {
    name: 'Standard',
    position: 2,
    conditions: [{ key: 'category', values: ['feature_request'], not: true }],
    targets: {
      first_response: { low: 16 * hour, normal: 8 * hour, high: 4 * hour, urgent: 2 * hour },
      next_response: { low: 24 * hour, normal: 16 * hour, high: 8 * hour, urgent: 4 * hour },
      resolution: { normal: 120 * hour, high: 60 * hour, urgent: 24 * hour }
    }
  }
]

/**
 * The SLA policies of a team, and the clocks of its tickets as they would have run with them: from the times of the tickets, their replies
 * and their history. Without events: nobody is notified of what is long over.
 */
export async function loadSla(tx: TransactionSql, teamId: string, ownerId: string): Promise<void> {
  const [{ calendar_id }] = await tx<[{ calendar_id: string }]>`select id as calendar_id from public.calendars where team_id = ${teamId}`
  for (const { conditions, targets, ...fields } of policies)
    await tx`insert into public.sla_policies ${tx({ ...fields, team_id: teamId, calendar_id, conditions: tx.json(conditions), targets: tx.json(targets), created_by: ownerId })}`
  // A clock is started and ended in two statements, because `open_clock()` does not see what its own statement wrote.
  // A table with pending checks cannot be altered.
  await tx`set constraints all immediate`
  for (const trigger of recorders) await tx`alter table public.sla_clocks disable trigger ${tx(trigger)}`
  await tx`
    select private.start_policy_clock(ticket, private.policy_of(ticket), 'first_response', ticket.created_at)
    from public.tickets as ticket where ticket.team_id = ${teamId} and ticket.first_response_at is not null`
  await tx`
    select private.end_clock(private.open_clock(ticket, 'first_response'), ticket, ticket.first_response_at)
    from public.tickets as ticket where ticket.team_id = ${teamId} and ticket.first_response_at is not null`
  await tx`
    select private.start_policy_clock(ticket, private.policy_of(ticket), 'resolution', ticket.created_at)
    from public.tickets as ticket where ticket.team_id = ${teamId} and ticket.resolved_at is not null`
  await tx`
    select private.end_clock(private.open_clock(ticket, 'resolution'), ticket, ticket.resolved_at)
    from public.tickets as ticket where ticket.team_id = ${teamId} and ticket.resolved_at is not null`
  await tx`
    select private.reapply_policy(ticket.team_id, ticket.id),
      private.start_policy_clock(ticket, private.policy_of(ticket), 'next_response', ticket.awaiting_reply_since)
    from public.tickets as ticket
    where ticket.team_id = ${teamId} and ticket.resolved_at is null and ticket.first_response_at is not null
      and ticket.awaiting_reply_since is not null`
  await tx`select private.reapply_policy(team_id, id) from public.tickets where team_id = ${teamId} and resolved_at is null`
  await tx`select private.mark_due_clocks(10000)`
  for (const trigger of recorders) await tx`alter table public.sla_clocks enable trigger ${tx(trigger)}`
  await tx`update public.tickets set updated_at = last_activity_at where team_id = ${teamId} and resolved_at is null`
}

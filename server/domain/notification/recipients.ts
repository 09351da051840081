import { sql } from 'kysely'
import { notificationKinds, type NotificationKind } from '#shared/notification'
import type { Db } from '../../db/types'
import type { OutboxEvent } from '../event'

export interface Recipient<E = OutboxEvent> {
  event: E
  user_id: string
  kind: NotificationKind
  in_app: boolean
  mail: boolean
  reply_id: string | null
}

const notifiedTypes: OutboxEvent['type'][] = [
  'ticket.created',
  'ticket.assigned',
  'ticket.status_changed',
  'ticket.snoozed',
  'ticket.sla_warning',
  'ticket.sla_breached',
  'ticket.escalated',
  'reply.created',
  'webhook.disabled',
  'api_key.created',
  'api_key.rotated'
]

/**
 * Returns who is notified of which event: current members by their preferences, once per event and for the most personal reason. The actor
 * is left out, unless an API key acted as them. As a warning, the maker of a key and the member that it acts as get a mail about the key
 * in any case, even after they left. Nobody is notified of a ticket, reply or assignment that is gone, of the wake of a ticket that is
 * resolved or snoozed again, or of the SLA clock of a finished ticket. Bypasses row-level security.
 */
export async function listRecipients<E extends Pick<OutboxEvent, 'id' | 'team_id' | 'type'>>(db: Db, events: E[]): Promise<Recipient<E>[]> {
  const byId = new Map(events.filter(({ type }) => notifiedTypes.includes(type)).map(event => [event.id, event]))
  if (byId.size === 0) return []
  const [ids, teams] = [[...byId.keys()], [...byId.values()].map(event => event.team_id)]
  const { rows } = await sql<Omit<Recipient, 'event'> & { event_id: string }>`
    -- The importer of a ticket did not work on it, so they are not notified as its creator.
    with dispatched as (
      select event.id, event.team_id, event.type, event.actor_id, event.api_key, ticket.id as ticket_id, ticket.assigned_to,
        case when ticket.channel <> 'import' then ticket.created_by end as created_by, reply.id as reply_id,
        event."to" ->> 'id' as assigned_id, event."to" #>> '{assigned_to,id}' as initial_assignee_id, event."to" #>> '{member,id}' as holder_id,
        case when event.type = 'ticket.escalated' then event."to" end as notified,
        event.type = 'reply.created' and reply.id is not null as is_reply,
        event.type = 'ticket.status_changed' and event."to" = '"resolved"' as is_resolution,
        ticket.status not in ('resolved', 'closed') as is_open,
        -- Woken by time: without an actor, after the snooze ended. Deleting the assignee's account also wakes it without an actor,
        -- but earlier.
        coalesce(
          case when event.type = 'ticket.snoozed' and event."to" is null and event.actor_id is null
            then (event."from" #>> '{}')::timestamptz <= event.created_at end,
          false)
          and ticket.status not in ('resolved', 'closed')
          and not exists (
            select from ticket_events as later
            where later.team_id = event.team_id and later.ticket_id = event.ticket_id
              and later.type = 'ticket.snoozed' and later.id > event.id
          ) as is_waking
      from unnest(${ids}::bigint[], ${teams}::uuid[]) as wanted (id, team_id)
      join ticket_events as event on event.team_id = wanted.team_id and event.id = wanted.id
      left join tickets as ticket on ticket.team_id = event.team_id and ticket.id = event.ticket_id
      left join ticket_replies as reply on reply.team_id = ticket.team_id and reply.ticket_id = ticket.id
        and reply.id = case when event.type = 'reply.created' then (event."to" ->> 'id')::uuid end
    ), concerned (id, user_id, kind) as (
      select dispatched.id, mention.user_id, 'mentioned' from dispatched
      join ticket_mentions as mention on mention.team_id = dispatched.team_id and mention.reply_id = dispatched.reply_id
      union all
      select dispatched.id, dispatched.assigned_to, 'assigned' from dispatched
      where dispatched.type = 'ticket.assigned' and dispatched.assigned_to::text = dispatched.assigned_id
      union all
      -- Assigned when created. A later assignment has a separate event.
      select dispatched.id, dispatched.assigned_to, 'assigned' from dispatched
      where dispatched.type = 'ticket.created' and dispatched.assigned_to::text = dispatched.initial_assignee_id and not exists (
        select from ticket_events as event
        where event.team_id = dispatched.team_id and event.ticket_id = dispatched.ticket_id and event.type = 'ticket.assigned'
      )
      union all
      select dispatched.id, person.id,
        case when dispatched.is_reply then 'replied' when dispatched.is_waking then 'woken' else 'resolved' end
      from dispatched
      cross join lateral (
        select dispatched.assigned_to
        union
        select dispatched.created_by where not dispatched.is_waking
        union
        -- Who snoozed a ticket without an assignee. Waking clears this from the ticket, so it comes from the event.
        (
          select event.actor_id from ticket_events as event
          where dispatched.is_waking and dispatched.assigned_to is null
            and event.team_id = dispatched.team_id and event.ticket_id = dispatched.ticket_id
            and event.type = 'ticket.snoozed' and event.id < dispatched.id
          order by event.id desc limit 1
        )
        union
        select follower.user_id from ticket_followers as follower
        where follower.team_id = dispatched.team_id and follower.ticket_id = dispatched.ticket_id
      ) as person (id)
      where dispatched.is_reply or dispatched.is_resolution or dispatched.is_waking
      union all
      -- The assignee; without one, everybody who may assign the ticket.
      select dispatched.id, person.id, 'sla' from dispatched
      cross join lateral (
        select dispatched.assigned_to where dispatched.assigned_to is not null
        union all
        select member.user_id from team_members as member
        join private.role_permissions as rule on rule.role = member.role and rule.permission = 'tickets.assign'
        where dispatched.assigned_to is null and member.team_id = dispatched.team_id
      ) as person (id)
      where dispatched.type in ('ticket.sla_warning', 'ticket.sla_breached') and dispatched.is_open
      union all
      -- Whom an escalation names: members, roles, followers.
      select dispatched.id, member.user_id, 'sla' from dispatched
      join team_members as member on member.team_id = dispatched.team_id
      where dispatched.type = 'ticket.escalated' and dispatched.is_open and dispatched.notified ->> 'action' = 'notify'
        and dispatched.notified ->> 'passed_over' is null
        and (
          dispatched.notified -> 'members' @> jsonb_build_array(jsonb_build_object('id', member.user_id))
          or dispatched.notified -> 'roles' ? member.role
          or dispatched.notified -> 'followers' = 'true' and exists (select from ticket_followers as follower
            where follower.team_id = dispatched.team_id and follower.ticket_id = dispatched.ticket_id and follower.user_id = member.user_id)
        )
      union all
      select dispatched.id, member.user_id, 'webhook' from dispatched
      join team_members as member on member.team_id = dispatched.team_id
      join private.role_permissions as rule on rule.role = member.role and rule.permission = 'webhooks.manage'
      where dispatched.type = 'webhook.disabled'
      union all
      select dispatched.id, person.id, 'api_key' from dispatched
      cross join lateral (values (dispatched.holder_id::uuid), (dispatched.actor_id)) as person (id)
      where dispatched.type in ('api_key.created', 'api_key.rotated')
    )
    select dispatched.id::text as event_id, concerned.user_id, dispatched.reply_id,
      bool_or(
        member.user_id is not null
        and coalesce(preference.in_app, concerned.kind <> 'api_key' or concerned.user_id is distinct from dispatched.actor_id)
      ) as in_app,
      bool_or(coalesce(preference.mail, true)) as mail,
      (array_agg(concerned.kind order by array_position(${[...notificationKinds]}::text[], concerned.kind)))[1] as kind
    from concerned
    join dispatched on dispatched.id = concerned.id
    left join team_members as member on member.team_id = dispatched.team_id and member.user_id = concerned.user_id
    join profiles as person on person.id = concerned.user_id and person.kind = 'person' -- service agents get no notifications
    left join notification_preferences as preference on preference.team_id = dispatched.team_id
      and preference.user_id = concerned.user_id and preference.kind = concerned.kind
    where (member.user_id is not null or concerned.kind = 'api_key')
      and (concerned.user_id is distinct from dispatched.actor_id or dispatched.api_key is not null or concerned.kind = 'api_key')
      and (coalesce(preference.in_app, true) or coalesce(preference.mail, true))
    group by dispatched.id, concerned.user_id, dispatched.reply_id
    order by dispatched.id, concerned.user_id`.execute(db)
  return rows.map(({ event_id, ...row }) => ({ event: byId.get(event_id)!, ...row }))
}

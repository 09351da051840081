import { sql } from 'kysely'
import { actorNameOf, outsiderName } from '../author'
import type { EventReader } from '../event'

/**
 * Queues one delivery of each event for each active webhook that subscribed to it. All of them share one payload, which shows the ticket as
 * it is now; a deleted ticket has only its number and subject. A webhook that subscribed to assignments or tags, but not to new tickets,
 * gets those of a new ticket as `ticket.assigned` and `ticket.tags_changed`.
 */
export const enqueueDeliveries: EventReader = async (db, events) => {
  const ofTickets = events.filter(({ ticket_id }) => ticket_id !== null)
  if (ofTickets.length === 0) return
  await sql`
    with dispatched as materialized (
      select event.id, event.team_id, event.ticket_id, event.ticket_number, event.actor_id, event.contact_id, event.api_key, event.cause, event.created_at, emitted.type, emitted."from", emitted."to", emitted.is_from_creation
      from ticket_events as event
      cross join lateral (
        select event.type, event."from", event."to", false as is_from_creation
        union all
        select 'ticket.assigned', null, event."to" -> 'assigned_to', true where event.type = 'ticket.created' and event."to" ->> 'assigned_to' is not null
        union all
        select 'ticket.tags_changed', '[]', event."to" -> 'tags', true where event.type = 'ticket.created' and event."to" -> 'tags' <> '[]'
      ) as emitted
      where event.team_id = any (${[...new Set(ofTickets.map(({ team_id }) => team_id))]}::uuid[]) and event.id = any (${ofTickets.map(({ id }) => id)}::bigint[])
        and exists (select from webhooks as webhook where webhook.team_id = event.team_id and webhook.is_active and emitted.type = any (webhook.events))
    ), facts as materialized (
      select dispatched.team_id, dispatched.id as event_id, dispatched.type, dispatched.created_at, dispatched.cause, dispatched."from", dispatched."to", dispatched.is_from_creation,
        case when ticket.id is not null then private.ticket_row(ticket.team_id, ticket.id) else (
          select jsonb_build_object('id', dispatched.ticket_id, 'team_id', dispatched.team_id, 'ticket_number', dispatched.ticket_number, 'subject', deletion."from" -> 'subject')
          from (select) as one_row left join ticket_events as deletion on deletion.team_id = dispatched.team_id and deletion.ticket_id = dispatched.ticket_id and deletion.type = 'ticket.deleted'
          limit 1
        ) end as ticket,
        case when dispatched.actor_id is not null then jsonb_build_object('id', dispatched.actor_id, 'name', coalesce(${actorNameOf('dispatched')}, 'Deleted account'))
          || case when dispatched.api_key is null then '{}' else jsonb_build_object('api_key', dispatched.api_key) end end as actor,
        case when dispatched.type = 'reply.created' then (
          select jsonb_build_object(
            'id', reply.id, 'content', reply.content, 'format', reply.format, 'is_internal', reply.is_internal, 'created_at', reply.created_at,
            'author', jsonb_build_object('id', case when ${outsiderName} is null then author.id end, 'name', coalesce(${outsiderName}, author.full_name)), 'author_kind', reply.author_kind,
            'mentions', private.people_named(array(select mention.user_id from ticket_mentions as mention where mention.team_id = reply.team_id and mention.reply_id = reply.id))
          )
          from ticket_replies as reply join profiles as author on author.id = reply.user_id
          where reply.team_id = dispatched.team_id and reply.id = (dispatched."to" ->> 'id')::uuid
        ) end as reply
      from dispatched
      left join tickets as ticket on ticket.team_id = dispatched.team_id and ticket.id = dispatched.ticket_id
      left join profiles as actor on actor.id = dispatched.actor_id
    ), deliveries as materialized (
      select webhook.id as webhook_id, facts.team_id, facts.event_id, facts.type
      from facts join webhooks as webhook on webhook.team_id = facts.team_id and webhook.is_active and facts.type = any (webhook.events)
        and not (facts.is_from_creation and 'ticket.created' = any (webhook.events))
    ), payload as (
      insert into webhook_payloads (team_id, event_id, type, happened_at, data)
      select facts.team_id, facts.event_id, facts.type, facts.created_at, case
        when facts.type = 'reply.created' then json_build_object('ticket', facts.ticket, 'from', facts."from", 'to', facts."to", 'actor', facts.actor, 'reply', facts.reply)
        when facts.cause is not null then json_build_object('ticket', facts.ticket, 'from', facts."from", 'to', facts."to", 'actor', facts.actor, 'cause', facts.cause)
        else json_build_object('ticket', facts.ticket, 'from', facts."from", 'to', facts."to", 'actor', facts.actor)
      end
      from facts where exists (select from deliveries where deliveries.event_id = facts.event_id and deliveries.type = facts.type)
      on conflict (event_id, type) do update set type = excluded.type -- so that "returning" includes an existing row
      returning id, event_id, type
    )
    insert into webhook_deliveries (team_id, webhook_id, event_id, type, payload_id, next_attempt_at, created_at)
    select deliveries.team_id, deliveries.webhook_id, deliveries.event_id, deliveries.type, deliveries.payload_id, clock_timestamp(), clock_timestamp()
    from (
      select deliveries.*, payload.id as payload_id from deliveries join payload on payload.event_id = deliveries.event_id and payload.type = deliveries.type order by deliveries.event_id, deliveries.type
    ) as deliveries -- clock_timestamp(): deliveries are sent and listed in the order of the events
    on conflict (webhook_id, event_id, type) do nothing`.execute(db)
}

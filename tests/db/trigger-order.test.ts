import { expect, test } from 'vitest'
import { as, service } from '../support/as.ts'

// Postgres fires the triggers of a table and event in the order of their names. Where it matters, the name begins with a
// number: 100 refuses, 200 to 400 complete the row, 500 broadcasts, 600 records events, and 700 and above make
// follow-up changes, which must be broadcast after this one. A change of this list is a change of behaviour.
test('triggers of the same table and event fire in the listed order', async () => {
  const rows = await as(
    service,
    sql => sql<{ event: string; names: string[] }[]>`
      select
        concat_ws(
          ' ', relation.relname, case when tgtype & 2 > 0 then 'before' else 'after' end,
          case when tgtype & 1 > 0 then 'row' else 'statement' end, operation.name
        ) as event,
        array_agg(replace(tgname, relation.relname || '__', '') order by tgname collate "C") as names
      from pg_trigger join pg_class as relation on relation.oid = tgrelid
      join (values ('insert', 4), ('delete', 8), ('update', 16)) as operation (name, bit) on tgtype & operation.bit > 0
      where not tgisinternal group by 1 having count(*) > 1 order by 1`
  )
  expect(Object.fromEntries(rows.map(({ event, names }) => [event, names.join(' ')]))).toEqual({
    'article_categories after row delete': '_500_broadcast _600_record_events',
    'article_categories after row insert': '_500_broadcast _550_limit _600_record_events',
    'article_categories after row update': '_500_broadcast _600_record_events',
    'article_categories before row insert': '_100_afford_change _200_set_slug',
    'articles after row update': '_500_broadcast _700_recount_words',
    'calendars after row delete': '_500_broadcast _600_record_deletion',
    'calendars after row update': '_500_broadcast _600_record_hiding _700_recount_clocks',
    'calendars after row insert': '_500_broadcast _550_limit',
    'calendars before row update': '_200_require_time_zone _300_set_updated_at',
    'canned_responses after row delete': 'broadcast record_events',
    'canned_responses after row insert': 'broadcast record_events',
    'canned_responses after row update': 'broadcast record_changes',
    'canned_responses before row update': '_100_afford_change set_updated_at',
    'contact_addresses after row delete': '_500_record_events _600_touch_contact _700_after_delete',
    'contact_addresses after row insert': '_500_record_events _550_limit _600_touch_contact',
    'contact_addresses after row update': '_600_touch_contact _700_update_tickets',
    'contact_addresses before row insert': '_100_afford_change _200_before_insert',
    'contacts after row delete': '_500_broadcast _600_record_events',
    'contacts after row update': '_500_broadcast _600_record_changes _700_update_tickets',
    'contacts before row insert': '_100_afford_change _200_require_time_zone',
    'contacts before row update': '_100_afford_change _200_require_time_zone _300_set_updated_at',
    'notifications before row update': '_100_afford_change set_read_at',
    'organization_domains before row insert': '_100_afford_change _200_check',
    'organizations after row delete': 'broadcast record_events',
    'organizations after row insert': 'broadcast record_events',
    'organizations after row update': 'broadcast record_events',
    'organizations before row update': '_100_afford_change set_updated_at',
    'ticket_articles after row delete': '_500_broadcast _600_record_events',
    'ticket_articles after row insert': '_500_broadcast _550_limit _600_record_events',
    'ticket_participants after row delete': '_500_broadcast _600_record_events',
    'ticket_participants after row insert': '_500_broadcast _550_limit _600_record_events',
    'ticket_participants before row insert': '_100_afford_change _200_before_write',
    'ticket_participants before row update': '_100_afford_change _200_before_write',
    'projects after row delete': '_500_broadcast _600_record_events',
    'projects after row insert': '_500_broadcast _550_limit _600_record_events',
    'projects after row update': '_500_broadcast _600_record_events',
    'projects before row update': '_100_afford_change _300_set_updated_at',
    'profiles before row update': '_100_afford_change set_updated_at',
    'reply_drafts before row update': '_100_afford_change renew_version set_updated_at',
    'saved_views after row delete': 'broadcast record_events',
    'saved_views after row insert': 'broadcast limit record_events',
    'saved_views after row update': 'broadcast limit_shared record_events',
    'saved_views before row update': '_100_afford_change set_updated_at',
    'sla_clocks after row update': 'record_breach record_success record_warning',
    'sla_policies after row delete': '_500_broadcast _600_record_events',
    'sla_policies after row insert': '_500_broadcast _550_limit _560_require_members _600_record_events',
    'sla_policies after row update': '_500_broadcast _560_require_members _600_record_events',
    'sla_policies before row insert': '_100_afford_change _250_require_calendar',
    'sla_policies before row update': '_100_afford_change _200_before_update _250_require_calendar _300_set_updated_at',
    'team_members after row delete':
      '_500_broadcast _550_forget_last_team _600_record_events _700_release_tickets_delete _800_replace_channel_delete',
    'team_members after row insert': '_500_broadcast _600_record_events _700_remember_person',
    'team_members after row update':
      '_500_broadcast _600_record_changes _700_release_tickets_update _800_replace_channel_update _900_revoke_keys',
    'team_members before row delete': '_100_keep_an_owner _200_remove_views',
    'team_members before row update': '_100_keep_an_owner _200_service_role',
    'teams after row insert': '_500_prepare_tickets _600_record_events',
    'teams after row update': '_500_broadcast _600_record_events',
    'teams before row delete': '_100_afford_change _900_close_channel',
    'teams before row update': '_100_afford_change _200_require_time_zone _300_set_updated_at',
    'ticket_attachments after row insert': '_500_broadcast _600_record_events',
    'ticket_attachments after row update': '_500_broadcast _600_record_events',
    'ticket_categories after row insert': '_500_broadcast _550_limit _600_record_creation',
    'ticket_categories after row update': '_500_broadcast _600_record_changes',
    'ticket_categories before row delete': '_100_afford_change _200_record_deletion _300_reroute_tickets',
    'ticket_items after row insert': '_500_broadcast _550_limit _600_record_creation',
    'ticket_items after row update': '_500_broadcast _600_record_changes',
    'ticket_items before row delete': '_100_afford_change _200_record_deletion _300_reroute_tickets',
    'ticket_replies after row delete': '_500_broadcast _600_record_events _700_update_ticket',
    'ticket_replies after row insert': '_400_add_mentions _500_broadcast _600_record_events _700_update_ticket',
    'ticket_tags after statement delete': '_200_update_tickets_delete _600_write_events_delete _700_apply_policies_delete',
    'ticket_tags after statement insert':
      '_200_update_tickets_insert _300_within_limit _600_write_events_insert _700_apply_policies_insert',
    'ticket_types after row insert': '_500_broadcast _550_limit _600_record_creation',
    'ticket_types after row update': '_500_broadcast _600_record_changes',
    'ticket_types before row delete': '_100_afford_change _200_record_deletion _300_reroute_tickets',
    'tickets after row delete': '_500_broadcast _600_record_events',
    'tickets after row insert': '_500_broadcast _600_record_events _700_rename_contact_insert',
    'tickets after row update': '_500_broadcast _600_record_changes _700_remove_participant _700_rename_contact_update',
    'tickets before row delete': '_100_afford_change _500_cancel_mails',
    'tickets before row insert':
      '_100_afford _150_set_requester_insert _200_before_insert _300_number _400_order_times_insert _450_start_clocks',
    'tickets before row update': '_100_afford_change _150_set_requester_update _200_before_update _400_order_times_update _450_run_clocks',
    'users after row update': 'on_auth_user_locked on_auth_user_written',
    'webhooks after row delete': 'broadcast record_events',
    'webhooks after row insert': 'broadcast record_events',
    'webhooks after row update': 'broadcast record_changes stop_deliveries',
    'webhooks before row update': '_100_afford_change require_recent_sign_in set_updated_at start_anew'
  })
})

test('the triggers of a table and event are all numbered or none is, besides _100_afford_change', async () => {
  const mixed = await as(
    service,
    sql => sql`
      select tgrelid::regclass::text as table, array_agg(tgname::text) as names
      from pg_trigger join pg_class as relation on relation.oid = tgrelid
      join (values (4), (8), (16)) as operation (bit) on tgtype & operation.bit > 0
      where not tgisinternal and tgname <> '_100_afford_change'
      group by tgrelid, tgtype & 3, operation.bit having bool_or(tgname ~ '^_\\d+_') and not bool_and(tgname ~ '^_\\d+_')`
  )
  expect(mixed).toEqual([])
})

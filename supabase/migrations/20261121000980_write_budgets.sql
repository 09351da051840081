-- Write budgets: changes that a person makes with their own token and without our routes. Triggers count them in the same budget as the
-- routes (`write` in server/limits.ts). Creating tickets and replies has a smaller budget: private.tg_spend_budget().

create function private.tg_spend_write() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if (select auth.uid()) is not null then
    perform private.require_budget('write', 'person:' || (select auth.uid()), 600, interval '1 minute', 300);
  end if;
  return coalesce(new, old);
end $$;
comment on function private.tg_spend_write() is 'Spends one unit of the caller''s write budget for each row';

-- Counts each row of the caller's statement; rows that cascades and triggers change cost nothing.
do $$
declare
  changed record;
begin
  for changed in
    select * from (values
      ('tickets', 'update or delete'), ('ticket_replies', 'delete'), ('ticket_tags', 'insert or delete'),
        ('ticket_followers', 'insert or delete'), ('ticket_participants', 'insert or update or delete'),
        ('ticket_articles', 'insert or delete'), ('ticket_reads', 'insert or update'),
      ('reply_drafts', 'insert or update or delete'), ('notifications', 'update'), ('notification_preferences', 'insert or update'),
      ('saved_views', 'insert or update or delete'), ('canned_responses', 'insert or update or delete'),
        ('article_categories', 'insert or update or delete'),
        ('ticket_categories', 'insert or update or delete'),
      ('contacts', 'insert or update'), ('contact_addresses', 'insert or delete'), ('organizations', 'insert or update or delete'),
        ('projects', 'insert or update or delete'), ('calendars', 'delete'), ('sla_policies', 'insert or update or delete'),
        ('sla_simulations', 'delete'), ('organization_domains', 'insert or delete'),
      ('ticket_types', 'insert or update or delete'), ('ticket_items', 'insert or update or delete'), ('teams', 'update or delete'),
        ('team_invitations', 'delete'),
      ('api_keys', 'delete'), ('webhooks', 'update or delete'), ('profiles', 'update')
    ) as list (table_name, operations)
  loop
    execute format(
      'create trigger _100_afford_change before %2$s on public.%1$s for each row '
      'when (coalesce(current_setting(''switchboard.channel'', true), '''') = '''' and pg_trigger_depth() = 0) '
      'execute function private.tg_spend_write()',
      changed.table_name, changed.operations
    );
  end loop;
end $$;

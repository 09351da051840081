-- Webhooks: URLs that get the events of a team's tickets. A payload is the content of one event. A delivery sends one payload to one
-- webhook; its row is both the queue and the log. Its attempts record each try.

create table public.webhooks (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  -- The server checks the target when it is saved and at each attempt. This check only excludes other schemes, and passwords.
  url text not null check (length(url) <= 2000 and url ~ '^https?://[^[:space:]/?#@\\]+([/?][^[:space:]#]*)?$'),
  events text[] not null check (cardinality(events) between 1 and 50 and events <@ private.ticket_event_types()),
  is_active boolean not null default true,
  -- When and why the server switched it off; null if a person did.
  disabled_at timestamptz,
  disabled_reason text check (disabled_reason in ('failing', 'gone')),
  failing_since timestamptz, -- the first failure since the last success
  created_by uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (team_id, id),
  check ((disabled_at is null) = (disabled_reason is null) and not (is_active and disabled_at is not null))
);
alter table public.webhooks enable row level security;
create index webhooks_created_by on public.webhooks (created_by); -- the foreign key
comment on table public.webhooks is 'URLs that events are delivered to';

-- The secrets that sign deliveries, the newest first. A replaced secret signs until it expires. No role of an API can read them.
create table private.webhook_secrets (
  id bigint generated always as identity primary key,
  webhook_id uuid not null references public.webhooks (id) on delete cascade,
  -- Printable ASCII; after "whsec_", a base64 key of 24 to 64 bytes, as Standard Webhooks requires.
  secret text not null check (
    length(secret) between 16 and 256 and secret ~ '^[!-~]+$'
    and case when secret ^@ 'whsec_' then
      case when secret ~ '^whsec_([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'
        then octet_length(decode(substr(secret, 7), 'base64')) between 24 and 64 else false end
    else true end
  ),
  created_at timestamptz not null default now(),
  expires_at timestamptz
);
create index webhook_secrets_by_webhook on private.webhook_secrets (webhook_id, id desc);
comment on table private.webhook_secrets is 'Signing secrets of webhooks; only the server can read them';

-- Written once for an event, however many webhooks get it. private.webhook_body() builds the body of a delivery from it; the bytes are
-- the same at each attempt.
create table public.webhook_payloads (
  id bigint generated always as identity,
  team_id uuid not null references public.teams (id) on delete cascade,
  event_id bigint, -- null for a test. No foreign key: events are deleted only with their team, and so is this
  type text not null check (length(type) <= 50),
  happened_at timestamptz not null default now(),
  data json not null, -- json, not jsonb: it keeps the written form
  created_at timestamptz not null default now(),
  primary key (team_id, id),
  unique (event_id, type)
);
alter table public.webhook_payloads enable row level security;
create index webhook_payloads_created_at on public.webhook_payloads (created_at); -- a job deletes old rows
comment on table public.webhook_payloads is 'The payloads of events; kept as long as their deliveries';

create table public.webhook_deliveries (
  id uuid primary key default gen_random_uuid(), -- also the id in the body: the same for every attempt
  team_id uuid not null,
  webhook_id uuid not null,
  event_id bigint, -- null for a test. No foreign key: events are deleted only with their team, and so is this
  type text not null check (length(type) <= 50),
  payload_id bigint not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
  attempts integer not null default 0,
  attempts_before integer not null default 0, -- attempts before the last manual retry, which restarts the schedule
  next_attempt_at timestamptz default now(),
  locked_until timestamptz, -- the lease of a server; another server may claim the row after this time
  locked_by integer, -- that server: while it lives, it holds an advisory lock with this number. Null: only the lease counts
  last_status smallint,
  last_error text check (length(last_error) <= 50),
  delivered_at timestamptz,
  created_at timestamptz not null default now(),
  unique (team_id, id),
  unique (webhook_id, event_id, type), -- an event that is dispatched twice is delivered once
  foreign key (team_id, webhook_id) references public.webhooks (team_id, id) on delete cascade,
  foreign key (team_id, payload_id) references public.webhook_payloads (team_id, id) on delete cascade,
  check ((state = 'waiting') = (next_attempt_at is not null))
);
alter table public.webhook_deliveries enable row level security;
-- the log, and the foreign key
create index webhook_deliveries_log on public.webhook_deliveries (team_id, webhook_id, created_at desc, id desc);
create index webhook_deliveries_payload_id on public.webhook_deliveries (team_id, payload_id); -- the foreign key
-- the waiting deliveries of each webhook
create index webhook_deliveries_due on public.webhook_deliveries (webhook_id, next_attempt_at) where state = 'waiting';
-- when the sender must check again
create index webhook_deliveries_next on public.webhook_deliveries (next_attempt_at) where state = 'waiting';
-- deliveries that are being sent
create index webhook_deliveries_locked on public.webhook_deliveries (webhook_id) where state = 'waiting' and locked_until is not null;
create index webhook_deliveries_created_at on public.webhook_deliveries (created_at); -- a job deletes old rows
comment on table public.webhook_deliveries is 'Deliveries of events to webhooks, with their state; kept for 30 days';

create table public.webhook_attempts (
  team_id uuid not null,
  delivery_id uuid not null,
  number integer not null,
  started_at timestamptz not null,
  duration_ms integer not null,
  status smallint, -- null: no answer
  error text check (length(error) <= 50), -- null: the receiver accepted it
  response text check (octet_length(response) <= 4096), -- the beginning of the answer, with our signatures and secrets redacted
  primary key (team_id, delivery_id, number),
  foreign key (team_id, delivery_id) references public.webhook_deliveries (team_id, id) on delete cascade
);
alter table public.webhook_attempts enable row level security;
comment on table public.webhook_attempts is 'Attempts of deliveries';

-- Policies and grants ----------------------------------------------------------------------------------------------------

create policy webhooks_select_managers on public.webhooks for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('webhooks.manage'))::uuid[]));
create policy webhooks_update_managers on public.webhooks for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('webhooks.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('webhooks.manage'))::uuid[]));
create policy webhooks_delete_managers on public.webhooks for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('webhooks.manage'))::uuid[]));
-- Inserting is granted to nobody: private.create_webhook() writes the secret with the row.
grant select, delete on public.webhooks to authenticated;
grant update (name, url, events, is_active) on public.webhooks to authenticated;
grant select, update, delete on public.webhooks to service_role;

create policy webhook_deliveries_select_managers on public.webhook_deliveries for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('webhooks.manage'))::uuid[]));
create policy webhook_payloads_select_managers on public.webhook_payloads for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('webhooks.manage'))::uuid[]));
create policy webhook_attempts_select_managers on public.webhook_attempts for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('webhooks.manage'))::uuid[]));
-- Writing is granted to nobody: only the sender writes what was sent, and the outcome.
grant select on public.webhook_payloads, public.webhook_deliveries, public.webhook_attempts to authenticated, service_role;

-- Triggers ---------------------------------------------------------------------------------------------------------------

create trigger webhooks__set_updated_at before update of name, url, events, is_active on public.webhooks
  for each row execute function private.tg__set_updated_at();

-- At most 20, which bounds the cost of one event. The lock makes inserts take turns.
create function private.tg_webhooks__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('webhooks ' || new.team_id, 0));
  if (select count(*) from public.webhooks as webhook where webhook.team_id = new.team_id) >= 20 then
    raise exception 'A team has at most 20 webhooks' using errcode = 'PT422', detail = 'limit';
  end if;
  return new;
end $$;
create trigger webhooks__limit before insert on public.webhooks
  for each row execute function private.tg_webhooks__limit();

-- Switching a webhook on, or changing its URL, forgets its failures.
create function private.tg_webhooks__start_anew() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.is_active and not old.is_active then
    new.disabled_at := null;
    new.disabled_reason := null;
  end if;
  new.failing_since := null;
  return new;
end $$;
create trigger webhooks__start_anew before update on public.webhooks
  for each row when ((new.is_active and not old.is_active) or new.url <> old.url)
  execute function private.tg_webhooks__start_anew();

-- Data goes to the new URL after the session that set it has ended. private.create_webhook() also requires a recent sign-in.
create function private.tg_webhooks__require_recent_sign_in() returns trigger
language plpgsql set search_path = '' as $$
begin
  if (select auth.uid()) is not null then
    perform private.require_recent_sign_in();
  end if;
  return new;
end $$;
create trigger webhooks__require_recent_sign_in before update of url on public.webhooks
  for each row when (new.url <> old.url)
  execute function private.tg_webhooks__require_recent_sign_in();

create function private.tg_webhooks__stop_deliveries() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.webhook_deliveries as delivery
  set state = 'failed', last_error = 'switched_off', next_attempt_at = null, locked_until = null
  where delivery.team_id = new.team_id and delivery.webhook_id = new.id and delivery.state = 'waiting';
  return null;
end $$;
create trigger webhooks__stop_deliveries after update on public.webhooks
  for each row when (old.is_active and not new.is_active)
  execute function private.tg_webhooks__stop_deliveries();

-- What the audit log says of a webhook. The query of the URL is left out, because it may contain keys.
create function private.webhook_reference(webhook public.webhooks) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_object('name', webhook.name, 'url', regexp_replace(webhook.url, '\?.*$', '?…'),
    'events', webhook.events, 'is_active', webhook.is_active);
end $$;

create function private.tg_webhooks__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    perform private.record_event(new.team_id, null, null, 'webhook.created', null, private.webhook_reference(new));
  elsif tg_op = 'DELETE' then
    perform private.record_event(old.team_id, null, null, 'webhook.deleted', private.webhook_reference(old), null);
  elsif new.disabled_at is not null and old.disabled_at is null then
    perform private.record_event(new.team_id, null, null, 'webhook.disabled', null, jsonb_build_object(
      'id', new.id, 'name', new.name, 'reason', case new.disabled_reason when 'gone' then 'Its address answered 410 Gone'
        else 'It failed for 75 hours' end
    ));
  else
    perform private.record_event(new.team_id, null, null, 'webhook.updated', private.webhook_reference(old),
      private.webhook_reference(new));
  end if;
  return null;
end $$;
create trigger webhooks__record_events after insert or delete on public.webhooks
  for each row execute function private.tg_webhooks__record_events();
create trigger webhooks__record_changes after update on public.webhooks
  for each row when ((new.name, new.url, new.events, new.is_active) is distinct from (old.name, old.url, old.events, old.is_active))
  execute function private.tg_webhooks__record_events();

create trigger webhook_deliveries__notify after insert on public.webhook_deliveries
  for each statement execute function private.tg__notify('switchboard_deliveries');

-- Contains only ids: members who may see webhooks fetch the row. The sender broadcasts its own changes, one webhook at a time.
create trigger webhooks__broadcast after insert or delete or update of name, url, events, is_active on public.webhooks
  for each row execute function private.tg__broadcast_ids();

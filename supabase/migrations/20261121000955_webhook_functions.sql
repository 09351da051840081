-- Webhook functions: create a webhook, rotate its secret, test it, send a delivery again.

create function private.create_webhook(team_id uuid, name text, url text, events text[], secret text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  created uuid;
begin
  if not private.has_permission(create_webhook.team_id, 'webhooks.manage') then
    raise exception 'Your role does not allow webhooks' using errcode = 'PT403', detail = 'forbidden';
  end if;
  perform private.require_recent_sign_in(); -- deliveries continue after the session has ended
  insert into public.webhooks (team_id, name, url, events, created_by)
  values (create_webhook.team_id, create_webhook.name, create_webhook.url, create_webhook.events, (select auth.uid()))
  returning id into created;
  insert into private.webhook_secrets (webhook_id, secret) values (created, create_webhook.secret);
  return created;
end $$;

-- The new secret signs at once. The old one also signs for 24 hours. At most three secrets sign.
create function private.rotate_webhook_secret(team_id uuid, webhook_id uuid, secret text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  webhook public.webhooks;
begin
  if not private.has_permission(rotate_webhook_secret.team_id, 'webhooks.manage') then
    raise exception 'Your role does not allow webhooks' using errcode = 'PT403', detail = 'forbidden';
  end if;
  select * into webhook from public.webhooks as row
    where row.team_id = rotate_webhook_secret.team_id and row.id = rotate_webhook_secret.webhook_id for no key update;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  perform private.require_recent_sign_in(); -- a person with the secret can sign as us until it is replaced
  delete from private.webhook_secrets as past
  where past.webhook_id = webhook.id and (
    past.expires_at <= now()
    or past.id not in (select kept.id from private.webhook_secrets as kept where kept.webhook_id = webhook.id order by kept.id desc limit 2)
  );
  update private.webhook_secrets as past set expires_at = now() + interval '24 hours'
    where past.webhook_id = webhook.id and past.expires_at is null;
  insert into private.webhook_secrets (webhook_id, secret) values (webhook.id, rotate_webhook_secret.secret);
  perform private.record_event(webhook.team_id, null, null, 'webhook.secret_rotated', null, jsonb_build_object('name', webhook.name));
end $$;

-- The body of a delivery: exactly the bytes that are signed and sent. The envelope has this order.
create function private.webhook_body(delivery_id uuid, payload public.webhook_payloads) returns text
language plpgsql stable set search_path = '' as $$
begin
  return json_build_object(
    'id', delivery_id, 'type', payload.type, 'created_at', to_char(payload.happened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'team_id', payload.team_id, 'data', payload.data
  )::text;
end $$;

create function private.require_active_webhook(team_id uuid, webhook_id uuid) returns public.webhooks
language plpgsql security definer set search_path = '' as $$
declare
  webhook public.webhooks;
begin
  if not private.has_permission(require_active_webhook.team_id, 'webhooks.manage') then
    raise exception 'Your role does not allow webhooks' using errcode = 'PT403', detail = 'forbidden';
  end if;
  select * into webhook from public.webhooks as row
    where row.team_id = require_active_webhook.team_id and row.id = require_active_webhook.webhook_id;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  if not webhook.is_active then
    raise exception 'This webhook is switched off. Switch it on first' using errcode = 'PT409', detail = 'switched_off';
  end if;
  return webhook;
end $$;

-- A delivery without an event, to test whether the URL answers.
create function private.ping_webhook(team_id uuid, webhook_id uuid) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  webhook public.webhooks := private.require_active_webhook(ping_webhook.team_id, ping_webhook.webhook_id);
  delivery uuid := gen_random_uuid();
  payload bigint;
begin
  insert into public.webhook_payloads (team_id, type, data)
  values (webhook.team_id, 'ping', json_build_object('webhook', json_build_object('id', webhook.id, 'name', webhook.name)))
  returning webhook_payloads.id into payload;
  insert into public.webhook_deliveries (id, team_id, webhook_id, type, payload_id)
    values (delivery, webhook.team_id, webhook.id, 'ping', payload);
  return delivery;
end $$;

-- Sends the same bytes under the same id again at once, whatever their outcome was. A delivery that is being sent is
-- left to its server.
create function private.redeliver_webhook(team_id uuid, webhook_id uuid, delivery_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  webhook public.webhooks := private.require_active_webhook(redeliver_webhook.team_id, redeliver_webhook.webhook_id);
begin
  perform from public.webhook_deliveries as delivery
    where delivery.team_id = webhook.team_id and delivery.webhook_id = webhook.id
      and delivery.id = redeliver_webhook.delivery_id for update;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  update public.webhook_deliveries as delivery set state = 'waiting', next_attempt_at = now(), attempts_before = delivery.attempts,
    locked_until = null
  where delivery.id = redeliver_webhook.delivery_id and (delivery.locked_until is null or delivery.locked_until <= now());
  perform pg_notify('switchboard_deliveries', '');
end $$;

grant execute on function private.create_webhook(uuid, text, text, text[], text), private.rotate_webhook_secret(uuid, uuid, text),
  private.ping_webhook(uuid, uuid), private.redeliver_webhook(uuid, uuid, uuid), private.webhook_body(uuid, public.webhook_payloads)
    to authenticated;

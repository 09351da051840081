-- Job list: the work of a team that waits or has failed, from all queues, for members who manage jobs. They can retry it. The queues
-- themselves do not change.

create function private.team_jobs(team_id uuid)
returns table (kind text, id text, type text, about text, state text, attempts integer, next_attempt_at timestamptz, error text,
  created_at timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin
  if not private.has_permission(team_jobs.team_id, 'jobs.manage') then
    raise exception 'Your role does not allow this' using errcode = '42501';
  end if;
  return query
    select 'event', outbox.event_id::text, event.type, case when event.ticket_number is not null
      then '#' || lpad(event.ticket_number::text, greatest(3, length(event.ticket_number::text)), '0') end,
      case when outbox.attempts >= 10 then 'failed' else 'waiting' end, outbox.attempts,
      case when outbox.attempts < 10 then outbox.next_attempt_at end, outbox.last_error, outbox.created_at
    from private.event_outbox as outbox
    join public.ticket_events as event on event.team_id = outbox.team_id and event.id = outbox.event_id
    where outbox.team_id = team_jobs.team_id
      -- What members hear at the next opening is not late before.
      and (outbox.audience <> 'members' or outbox.attempts > 0 or outbox.next_attempt_at <= now())
  union all
    select 'mail', mail.id::text, mail.kind, mail.recipient,
      case when mail.state = 'failed' then 'failed' when mail.locked_until > now() then 'running' else 'waiting' end, mail.attempts,
      case when mail.state = 'waiting' then mail.next_attempt_at end, coalesce(mail.last_error, mail.reason), mail.created_at
    from public.mails as mail
    where mail.team_id = team_jobs.team_id and mail.state in ('waiting', 'failed')
      -- A question for a rating is not late before the delay of the team is over.
      and not (mail.kind = 'rating_request' and mail.state = 'waiting' and mail.attempts = 0 and mail.held_until is null
        and mail.next_attempt_at > now())
  union all
    select 'delivery', delivery.id::text, delivery.type, webhook.name,
      case when delivery.state = 'failed' then 'failed' when delivery.locked_until > now() then 'running'
        else 'waiting' end, delivery.attempts,
      delivery.next_attempt_at, delivery.last_error, delivery.created_at
    from public.webhook_deliveries as delivery
    join public.webhooks as webhook on webhook.team_id = delivery.team_id and webhook.id = delivery.webhook_id
    where delivery.team_id = team_jobs.team_id and delivery.state in ('waiting', 'failed')
  union all
    select 'bulk', operation.id::text, operation.action, operation.processed || ' of ' || operation.total,
      case operation.status when 'failed' then 'failed' when 'waiting' then 'waiting'
        else 'running' end, 0, null, operation.error, operation.created_at
    from public.bulk_operations as operation
    where operation.team_id = team_jobs.team_id and operation.status in ('waiting', 'running', 'undoing', 'failed');
end $$;

-- Retries one job at once. A failed bulk change can only be repeated by its author, because its tickets may have changed since.
create function private.retry_job(team_id uuid, kind text, id text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  webhook uuid;
begin
  if not private.has_permission(retry_job.team_id, 'jobs.manage') then
    raise exception 'Your role does not allow this' using errcode = '42501';
  end if;
  case retry_job.kind
    when 'event' then
      update private.event_outbox as outbox set attempts = 0, next_attempt_at = now()
      where outbox.team_id = retry_job.team_id and outbox.event_id = retry_job.id::bigint
        and (outbox.audience <> 'members' or outbox.attempts > 0);
      if found then
        perform pg_notify('switchboard_events', '');
        return;
      end if;
    when 'mail' then
      update public.mails as mail set state = 'waiting', attempts = 0, unfinished_attempts = 0, next_attempt_at = now(), locked_until = null
      where mail.team_id = retry_job.team_id and mail.id = retry_job.id::uuid and mail.state in ('waiting', 'failed')
        and (mail.locked_until is null or mail.locked_until <= now());
      if found then
        return;
      end if;
    when 'delivery' then
      select delivery.webhook_id into webhook from public.webhook_deliveries as delivery
      where delivery.team_id = retry_job.team_id and delivery.id = retry_job.id::uuid and delivery.state in ('waiting', 'failed');
      if found then
        perform private.redeliver_webhook(retry_job.team_id, webhook, retry_job.id::uuid);
        return;
      end if;
  end case;
  raise exception 'This job is finished or in progress' using errcode = 'PT404';
end $$;

-- The schedules, which run for all teams, for members who manage the jobs of one team: when each last succeeded, and whether it failed
-- since. Without error texts, which may contain data of another team. pg-boss creates its tables when the first server starts.
create function private.schedules() returns table (name text, cron text, completed_at timestamptz, failed_at timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin
  if cardinality(private.permitted_team_ids('jobs.manage')) = 0 then
    raise exception 'Your role does not allow this' using errcode = '42501';
  end if;
  if to_regclass('pgboss.schedule') is null then
    return;
  end if;
  return query
    select schedule.name, schedule.cron,
      (select max(job.completed_on) from pgboss.job as job where job.name = schedule.name and job.state = 'completed'),
      (select max(job.completed_on) from pgboss.job as job where job.name = schedule.name and job.state = 'failed')
    from pgboss.schedule as schedule
    order by schedule.name;
end $$;

grant execute on function private.team_jobs(uuid), private.retry_job(uuid, text, text), private.schedules() to authenticated;

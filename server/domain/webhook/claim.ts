import { sql } from 'kysely'
import type { WebhookError } from '#shared/types/api'
import { serverLocks } from '../../db/server-lock'
import type { Db } from '../../db/types'

/** Seconds before each attempt: about 75 hours in all, as Standard Webhooks advises. */
export const retryDelays = [0, 5, 5 * 60, 30 * 60, ...[2, 5, 10, 14, 20, 24].map(hours => hours * 3600)]

/** A webhook that fails for this long is switched off. */
export const disableAfterSeconds = 75 * 3600

// Servers renew their leases every 1.5 s. Another server claims deliveries whose lease has expired.
const leaseSeconds = 5

const perWebhook = 2
// Failing webhooks may let each request run into its timeout. They get one place each, and at most half of each server's places.
const perFailing = 1

export interface ClaimedDelivery {
  id: string
  webhook_id: string
  url: string
  payload: string
  number: number
  /** The valid secrets, the newest first. */
  secrets: string[]
  /** Seconds since 1970, by the clock of the database. */
  timestamp: number
}

export interface AttemptResult {
  delivery_id: string
  number: number
  duration_ms: number
  /** Milliseconds since the end of the attempt. */
  ended_ms_ago: number
  status: number | null
  /** Null: delivered. */
  error: WebhookError | null
  response: string | null
  /** Seconds from Retry-After. */
  retry_after: number | null
}

/**
 * Leases due deliveries, until this server has `maxInFlight` including those that it already `held`, and each webhook has two in flight on
 * all servers together. One server claims at a time. Takes the oldest of each webhook, and webhooks in random order, so that no backlog
 * starves the others. Deliveries of a server that lost its lock wait until their lease expires, because the server may only have lost that
 * connection; but they do not count as in flight for their webhook.
 */
export async function claimDeliveries(
  db: Db,
  { maxInFlight, held = [], server = null }: { maxInFlight: number; held?: Pick<ClaimedDelivery, 'webhook_id'>[]; server?: number | null }
): Promise<ClaimedDelivery[]> {
  const free = maxInFlight - held.length
  if (free <= 0) return []
  await sql`select pg_advisory_xact_lock(hashtextextended('switchboard: claiming webhook deliveries', 0))`.execute(db)
  const { rows } = await sql<ClaimedDelivery>`
    with recursive waiting (webhook_id) as (
      (select webhook_id from webhook_deliveries where state = 'waiting' order by webhook_id limit 1)
      union all
      select (
        select next.webhook_id from webhook_deliveries as next
        where next.state = 'waiting' and next.webhook_id > waiting.webhook_id order by next.webhook_id limit 1
      )
      from waiting where waiting.webhook_id is not null
    ), leased as materialized (
      select delivery.webhook_id, delivery.locked_by from webhook_deliveries as delivery
      where delivery.state = 'waiting' and delivery.locked_until > now()
    ), lost_servers as materialized (
      select other.number
      from (select distinct leased.locked_by as number from leased where leased.locked_by <> coalesce(${server}::integer, 0)) as other
      where pg_try_advisory_xact_lock_shared(hashtext(${serverLocks}), other.number)
    ), busy as (
      select leased.webhook_id, count(*) as count from leased
      where not exists (select from lost_servers where lost_servers.number = leased.locked_by)
      group by leased.webhook_id
    ), due as (
      select delivery.id, webhook.failing_since is not null as is_failing, coalesce(busy.count, 0) + delivery.place as place,
        random() as chance
      from waiting
      join webhooks as webhook on webhook.id = waiting.webhook_id and webhook.is_active
      left join busy on busy.webhook_id = webhook.id
      cross join lateral (
        select first.id, row_number() over (order by first.next_attempt_at, first.id) as place
        from (
          select candidate.id, candidate.next_attempt_at from webhook_deliveries as candidate
          where candidate.webhook_id = webhook.id and candidate.state = 'waiting' and candidate.next_attempt_at <= now()
            and (candidate.locked_until is null or candidate.locked_until <= now())
          order by candidate.next_attempt_at
          limit greatest(0,
            case when webhook.failing_since is null then ${perWebhook}::integer else ${perFailing}::integer end - coalesce(busy.count, 0))
        ) as first
      ) as delivery
    ), ranked as (
      select due.*, row_number() over (partition by due.is_failing order by due.place, due.chance) as turn from due
    ), picked as (
      select ranked.id from ranked
      where not ranked.is_failing or ranked.turn <= ${Math.floor(maxInFlight / 2)}::integer - (
        select count(*) from unnest(${held.map(({ webhook_id }) => webhook_id)}::uuid[]) as in_flight (webhook_id)
        join webhooks as webhook on webhook.id = in_flight.webhook_id and webhook.failing_since is not null
      )
      order by ranked.place, ranked.chance limit ${free}::integer
    ), claimed as (
      update webhook_deliveries as delivery
      set locked_until = now() + make_interval(secs => ${leaseSeconds}), locked_by = ${server}, attempts = delivery.attempts + 1
      from picked where delivery.id = picked.id
      returning delivery.id, delivery.webhook_id, delivery.team_id, delivery.payload_id, delivery.attempts
    )
    select claimed.id, claimed.webhook_id, webhook.url, private.webhook_body(claimed.id, payload) as payload,
      claimed.attempts as number, extract(epoch from now())::integer as timestamp, array(
      select past.secret from private.webhook_secrets as past
      where past.webhook_id = webhook.id and (past.expires_at is null or past.expires_at > now()) order by past.id desc
    ) as secrets
    from claimed join webhooks as webhook on webhook.id = claimed.webhook_id
    join webhook_payloads as payload on payload.team_id = claimed.team_id and payload.id = claimed.payload_id`.execute(db)
  return rows
}

/**
 * Records attempts. A failed delivery is retried, ten times in all. A webhook that answered 410, or has only failed for 75 hours, is
 * switched off. `scale` multiplies those times, for load tests.
 */
export async function recordAttempts(db: Db, results: AttemptResult[], scale = 1): Promise<void> {
  if (results.length === 0) return
  const rows = sql`jsonb_to_recordset(${JSON.stringify(results)}::text::jsonb) as result (
    delivery_id uuid, number integer, duration_ms integer, ended_ms_ago integer,
    status smallint, error text, response text, retry_after integer
  )`
  // Lock the webhooks first, as changing or deleting one does, to avoid deadlocks.
  await sql`
    select from webhooks
    where id in (select delivery.webhook_id from ${rows} join webhook_deliveries as delivery on delivery.id = result.delivery_id)
    order by id for no key update`.execute(db)
  await sql`
    insert into webhook_attempts (team_id, delivery_id, number, started_at, duration_ms, status, error, response)
    select delivery.team_id, delivery.id, result.number,
      clock_timestamp() - make_interval(secs => (result.duration_ms + result.ended_ms_ago) / 1000.0),
      result.duration_ms, result.status, result.error, result.response
    from ${rows} join webhook_deliveries as delivery on delivery.id = result.delivery_id
    on conflict do nothing`.execute(db)
  // A success always counts. A failure counts only if no other server has claimed the delivery since.
  await sql`
    update webhook_deliveries as delivery
    set state = next.state, locked_until = null, last_status = next.status, last_error = next.error,
      next_attempt_at = case when next.state = 'waiting'
        then now() + make_interval(secs => greatest(next.wait * (0.9 + 0.2 * random()), next.retry_after) * ${scale}) end,
      delivered_at = case when next.error is null then now() else delivery.delivered_at end
    from (
      select result.*, schedule.wait, case
        when result.error is null then 'delivered'
        when delivery.state <> 'waiting' or schedule.wait is null or not webhook.is_active or result.status = 410 then 'failed'
        else 'waiting'
      end as state
      from ${rows}
      join webhook_deliveries as delivery on delivery.id = result.delivery_id
      join webhooks as webhook on webhook.id = delivery.webhook_id
      cross join lateral (select (${retryDelays}::integer[])[result.number - delivery.attempts_before + 1] as wait) as schedule
      where result.error is null or (delivery.attempts = result.number and delivery.state = 'waiting')
    ) as next
    where delivery.id = next.delivery_id and (delivery.state <> 'delivered' or next.error is null)`.execute(db)
  await sql`
    with outcome as (
      select delivery.webhook_id, bool_or(result.error is null) as is_reached, coalesce(bool_or(result.status = 410), false) as is_gone,
        min(now() - make_interval(secs => result.ended_ms_ago / 1000.0)) as at
      from ${rows} join webhook_deliveries as delivery on delivery.id = result.delivery_id group by delivery.webhook_id
    ), next as (
      select webhook.id, outcome.is_gone,
        case when outcome.is_reached then null else coalesce(webhook.failing_since, outcome.at) end as failing_since,
        webhook.is_active and (
          outcome.is_gone
          or (not outcome.is_reached
            and coalesce(webhook.failing_since <= now() - make_interval(secs => ${disableAfterSeconds * scale}), false))
        ) as is_disabled
      from webhooks as webhook join outcome on outcome.webhook_id = webhook.id
    )
    update webhooks as webhook
    set failing_since = next.failing_since,
      is_active = webhook.is_active and not next.is_disabled,
      disabled_at = case when next.is_disabled then now() else webhook.disabled_at end,
      disabled_reason = case when next.is_disabled
        then case when next.is_gone then 'gone' else 'failing' end else webhook.disabled_reason end
    from next
    where webhook.id = next.id and (next.is_disabled or webhook.failing_since is distinct from next.failing_since)`.execute(db)
}

/** Renews the leases of deliveries in flight. */
export async function extendDeliveries(db: Db, deliveries: Pick<ClaimedDelivery, 'id' | 'number'>[], server: number | null): Promise<void> {
  if (deliveries.length === 0) return
  await sql`
    update webhook_deliveries as delivery set locked_until = now() + make_interval(secs => ${leaseSeconds}), locked_by = ${server}
    from jsonb_to_recordset(${JSON.stringify(deliveries.map(({ id, number }) => ({ id, number })))}::text::jsonb) as held (id uuid, number integer)
    where delivery.id = held.id and delivery.attempts = held.number and delivery.state = 'waiting'`.execute(db)
}

/** Gives back the leases of deliveries whose attempt was aborted. */
export async function releaseDeliveries(db: Db, deliveries: Pick<ClaimedDelivery, 'id' | 'number'>[]): Promise<void> {
  if (deliveries.length === 0) return
  await sql`
    update webhook_deliveries as delivery set locked_until = null
    from jsonb_to_recordset(${JSON.stringify(deliveries.map(({ id, number }) => ({ id, number })))}::text::jsonb) as released (id uuid, number integer)
    where delivery.id = released.id and delivery.attempts = released.number and delivery.state = 'waiting'`.execute(db)
}

/** Milliseconds until the next future delivery is due, or the next lease expires; null when none waits. */
export async function getMsUntilNextDelivery(db: Db): Promise<number | null> {
  const {
    rows: [next]
  } = await sql<{ ms: number | null }>`
    select ceil(1000 * extract(epoch from least(
      (select next_attempt_at from webhook_deliveries
        where state = 'waiting' and next_attempt_at > now() and next_attempt_at < now() + interval '1 day'
        order by next_attempt_at limit 1),
      (select min(locked_until) from webhook_deliveries where state = 'waiting' and locked_until > now())
    ) - now()))::integer as ms`.execute(db)
  return next?.ms ?? null
}

export async function announceDeliveries(db: Db, webhookIds: string[]): Promise<void> {
  await sql`
    select private.broadcast_change(webhook.team_id, 'webhooks', 'UPDATE', jsonb_build_object('id', webhook.id, 'team_id', webhook.team_id))
    from webhooks as webhook where webhook.id = any (${webhookIds}::uuid[])`.execute(db)
}

export async function removeOldDeliveries(db: Db, limit: number): Promise<number> {
  const deliveries = await sql`
    delete from webhook_deliveries where id in (
      select id from webhook_deliveries where created_at < now() - interval '30 days' order by created_at limit ${limit}
    )`.execute(db)
  const payloads = await sql`
    delete from webhook_payloads where (team_id, id) in (
      select payload.team_id, payload.id from webhook_payloads as payload
      where payload.created_at < now() - interval '30 days'
        and not exists (
          select from webhook_deliveries as delivery where delivery.team_id = payload.team_id and delivery.payload_id = payload.id
        )
      order by payload.created_at limit ${limit}
    )`.execute(db)
  return Number(deliveries.numAffectedRows ?? 0) + Number(payloads.numAffectedRows ?? 0)
}

import { sql } from 'kysely'
import type { DeliveryQuery } from '#shared/schemas/webhook'
import { moment, uuid } from '#shared/schemas/text'
import type { CursorPage, Page, WebhookAttempt, WebhookDelivery, WebhookDeliveryDetail } from '#shared/types/api'
import type { Db } from '../../db/types'
import { pageOf } from '../page'
import { Refusal, notFound } from '../refusal'
import { getWebhook } from './endpoint'

/** A page of what a webhook was told, newest first. Throws 404 for one that is not there for the caller, 400 for a strange cursor. */
export async function listDeliveries(
  db: Db,
  teamId: string,
  webhookId: string,
  { state, page, page_size, cursor }: DeliveryQuery
): Promise<CursorPage<WebhookDelivery> | Page<WebhookDelivery>> {
  await getWebhook(db, teamId, webhookId)
  const after = cursor ? readCursor(cursor) : undefined
  const rows = deliveries(db, teamId, webhookId)
    .$if(state !== undefined, rows => rows.where('delivery.state', '=', state!))
    .orderBy('delivery.created_at', 'desc')
    .orderBy('delivery.id', 'desc')
  if (page !== undefined) return (await pageOf(db, rows, { page, page_size })) as Page<WebhookDelivery>
  const found = (await rows
    .$if(after !== undefined, rows =>
      rows.where(sql<boolean>`(delivery.created_at, delivery.id) < (${after!.createdAt}::timestamptz, ${after!.id}::uuid)`)
    )
    .limit(page_size + 1)
    .execute()) as WebhookDelivery[]
  const last = found.length > page_size ? found[page_size - 1] : undefined
  return { data: found.slice(0, page_size), next_cursor: last ? Buffer.from(`${last.created_at} ${last.id}`).toString('base64url') : null }
}

/** A delivery with the bytes that are sent and every attempt. */
export async function getDelivery(db: Db, teamId: string, webhookId: string, deliveryId: string): Promise<WebhookDeliveryDetail> {
  const delivery = await deliveries(db, teamId, webhookId)
    .innerJoin('webhook_payloads as payload', join =>
      join.onRef('payload.team_id', '=', 'delivery.team_id').onRef('payload.id', '=', 'delivery.payload_id')
    )
    .select(sql<string>`private.webhook_body(delivery.id, payload)`.as('payload'))
    .where('delivery.id', '=', deliveryId)
    .executeTakeFirst()
  if (!delivery) throw notFound()
  const tries = (await db
    .selectFrom('webhook_attempts')
    .select(['number', 'started_at', 'duration_ms', 'status', 'error', 'response'])
    .where('team_id', '=', teamId)
    .where('delivery_id', '=', deliveryId)
    .orderBy('number', 'desc')
    .limit(100)
    .execute()) as WebhookAttempt[]
  return { ...(delivery as Omit<WebhookDeliveryDetail, 'tries'>), tries }
}

/** Sends a delivery again, now, under its id; its tries begin anew. Throws 409 where the webhook is switched off. */
export async function redeliver(db: Db, teamId: string, webhookId: string, deliveryId: string): Promise<WebhookDeliveryDetail> {
  await sql`select private.redeliver_webhook(${teamId}, ${webhookId}, ${deliveryId})`.execute(db)
  return getDelivery(db, teamId, webhookId, deliveryId)
}

/** Sends a `ping`. Throws 409 where the webhook is switched off. */
export async function pingWebhook(db: Db, teamId: string, webhookId: string): Promise<WebhookDeliveryDetail> {
  const {
    rows: [row]
  } = await sql<{ id: string }>`select private.ping_webhook(${teamId}, ${webhookId}) as id`.execute(db)
  return getDelivery(db, teamId, webhookId, row!.id)
}

function deliveries(db: Db, teamId: string, webhookId: string) {
  return db
    .selectFrom('webhook_deliveries as delivery')
    .leftJoin('ticket_events as event', join =>
      join.onRef('event.team_id', '=', 'delivery.team_id').onRef('event.id', '=', 'delivery.event_id')
    )
    .select([
      'delivery.id',
      'delivery.type',
      sql<number | null>`delivery.event_id::double precision`.as('event_id'),
      'event.ticket_number',
      'delivery.state',
      'delivery.attempts',
      'delivery.next_attempt_at',
      'delivery.last_status',
      'delivery.last_error',
      'delivery.delivered_at',
      'delivery.created_at'
    ])
    .where('delivery.team_id', '=', teamId)
    .where('delivery.webhook_id', '=', webhookId)
}

function readCursor(cursor: string): { createdAt: string; id: string } {
  const [, createdAt, id] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z) (\S{36})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? []
  if (!moment.safeParse(createdAt).success || !uuid.safeParse(id).success) {
    throw new Refusal(400, 'invalid', 'Not a cursor of this list', { issues: [{ path: 'cursor', message: 'Not a cursor of this list' }] })
  }
  return { createdAt: createdAt!, id: id! }
}

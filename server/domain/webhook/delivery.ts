import { sql } from 'kysely'
import type { DeliveryQuery } from '#shared/schemas/webhook'
import type { CursorPage, Page, WebhookAttempt, WebhookDelivery, WebhookDeliveryDetail } from '#shared/types/api'
import type { Db } from '../../db/types'
import { pageBehind, pageOf } from '../page'
import { notFound } from '../refusal'
import { getWebhook } from './endpoint'

export async function listDeliveries(
  db: Db,
  teamId: string,
  webhookId: string,
  { state, page, page_size, cursor = '' }: DeliveryQuery
): Promise<CursorPage<WebhookDelivery> | Page<WebhookDelivery>> {
  await getWebhook(db, teamId, webhookId)
  const rows = deliveries(db, teamId, webhookId)
    .$if(state !== undefined, rows => rows.where('delivery.state', '=', state!))
    .orderBy('delivery.created_at', 'desc')
    .orderBy('delivery.id', 'desc')
  const list =
    page === undefined
      ? await pageBehind(rows, {
          by: [
            { of: sql`delivery.created_at`, type: 'timestamptz' },
            { of: sql`delivery.id`, type: 'uuid' }
          ],
          cursor,
          size: page_size
        })
      : await pageOf(db, rows, { page, page_size })
  return list as CursorPage<WebhookDelivery> | Page<WebhookDelivery>
}

/** A delivery with the body that is sent and its last 100 attempts. */
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

/** Makes a delivery due now, under the same id and with ten more attempts. Throws 409 when the webhook is switched off. */
export async function redeliver(db: Db, teamId: string, webhookId: string, deliveryId: string): Promise<WebhookDeliveryDetail> {
  await sql`select private.redeliver_webhook(${teamId}, ${webhookId}, ${deliveryId})`.execute(db)
  return getDelivery(db, teamId, webhookId, deliveryId)
}

/** Throws 409 when the webhook is switched off. */
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

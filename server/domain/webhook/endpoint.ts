import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { PageQuery } from '#shared/schemas/page'
import type { WebhookCreate, WebhookUpdate } from '#shared/schemas/webhook'
import type { Webhook, WebhookWithSecret } from '#shared/types/api'
import type { Db } from '../../db/types'
import { listOf, type List } from '../page'
import { deleteOrRefuse, notFound } from '../refusal'

export async function listWebhooks(db: Db, teamId: string, query: PageQuery): Promise<List<Webhook>> {
  return (await listOf(db, webhooks(db, teamId).orderBy('webhook.created_at').orderBy('webhook.id'), query)) as List<Webhook>
}

/** Throws 422 `limit` beyond 20 webhooks. */
export async function createWebhook(
  db: Db,
  teamId: string,
  { name, url, events, secret = newSecret() }: WebhookCreate
): Promise<WebhookWithSecret> {
  const {
    rows: [row]
  } = await sql<{ id: string }>`select private.create_webhook(${teamId}, ${name}, ${url}, ${events}, ${secret}) as id`.execute(db)
  return { ...(await getWebhook(db, teamId, row!.id)), secret }
}

/** Switching a webhook on clears the reason why it was off. */
export async function updateWebhook(db: Db, teamId: string, webhookId: string, changes: WebhookUpdate): Promise<Webhook> {
  if (Object.keys(changes).length > 0)
    await db.updateTable('webhooks').set(changes).where('team_id', '=', teamId).where('id', '=', webhookId).execute()
  return getWebhook(db, teamId, webhookId)
}

export async function deleteWebhook(db: Db, teamId: string, webhookId: string): Promise<void> {
  await deleteOrRefuse(db.deleteFrom('webhooks').where('team_id', '=', teamId).where('id', '=', webhookId))
}

/** Replaces the secret. For 24 hours, deliveries are also signed with the previous one. */
export async function rotateWebhookSecret(db: Db, teamId: string, webhookId: string): Promise<WebhookWithSecret> {
  const secret = newSecret()
  await sql`select private.rotate_webhook_secret(${teamId}, ${webhookId}, ${secret})`.execute(db)
  return { ...(await getWebhook(db, teamId, webhookId)), secret }
}

export async function getWebhook(db: Db, teamId: string, webhookId: string): Promise<Webhook> {
  const webhook = await webhooks(db, teamId).where('webhook.id', '=', webhookId).executeTakeFirst()
  if (!webhook) throw notFound()
  return webhook as Webhook
}

function webhooks(db: Db, teamId: string) {
  return db
    .selectFrom('webhooks as webhook')
    .leftJoin('profiles as creator', 'creator.id', 'webhook.created_by')
    .select([
      'webhook.id',
      'webhook.name',
      'webhook.url',
      'webhook.events',
      'webhook.is_active',
      'webhook.disabled_at',
      'webhook.disabled_reason',
      'webhook.failing_since',
      'webhook.created_at',
      'webhook.updated_at',
      sql`case when creator.id is not null then jsonb_build_object('id', creator.id, 'full_name', creator.full_name, 'avatar_url', creator.avatar_url) end`.as(
        'created_by'
      ),
      sql`(
        select jsonb_build_object('id', delivery.id, 'type', delivery.type, 'state', delivery.state, 'last_status', delivery.last_status, 'last_error', delivery.last_error, 'created_at', delivery.created_at)
        from webhook_deliveries as delivery where delivery.team_id = webhook.team_id and delivery.webhook_id = webhook.id
        order by delivery.created_at desc, delivery.id desc limit 1
      )`.as('last_delivery')
    ])
    .where('webhook.team_id', '=', teamId)
}

// 32 bytes in the form of Standard Webhooks.
function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

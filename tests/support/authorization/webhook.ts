import type { TransactionSql } from 'postgres'
import { acme, initech, ivan, unknownId } from '../world.ts'
import { managers } from './principals.ts'
import { ofDelivery, ofWebhook, type AuthorizationRow } from './row.ts'

const secret = 'whsec_bm90IHRoZSBzZWNyZXQgb2YgdGhlIHdvcmxkLCAzMg=='
const create = (sql: TransactionSql) => sql`
  select private.create_webhook(
    ${acme.id}, 'New', 'https://hooks.acme.test/new?key=hidden', array['ticket.created', 'reply.created'], ${secret}
  ) as id`

export const webhooks: AuthorizationRow[] = [
  {
    does: 'lists webhooks',
    by: managers,
    route: { request: 'GET /teams/[teamId]/webhooks', status: 200 },
    sql: { table: 'public.webhooks', run: sql => sql`select * from webhooks where team_id = ${acme.id}` }
  },
  {
    does: 'adds a webhook',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/webhooks',
      status: 201,
      body: () => ({ name: 'New', url: 'https://hooks.elsewhere.test/', events: ['ticket.created'] })
    },
    sql: { table: 'public.webhooks', calls: 'create_webhook', run: sql => create(sql) }
  },
  {
    does: 'renames a webhook',
    by: managers,
    route: { request: 'PATCH /teams/[teamId]/webhooks/[webhookId]', status: 200, parameters: ofWebhook, body: () => ({ name: 'Other' }) }
  },
  {
    does: 'changes the URL of a webhook',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/webhooks/[webhookId]',
      status: 200,
      parameters: ofWebhook,
      body: () => ({ url: 'https://hooks.elsewhere.test/' })
    }
  },
  {
    does: 'switches a webhook off',
    by: managers,
    route: { request: 'PATCH /teams/[teamId]/webhooks/[webhookId]', status: 200, parameters: ofWebhook, body: () => ({ is_active: false }) }
  },
  {
    does: 'deletes a webhook',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/webhooks/[webhookId]', status: 204, parameters: ofWebhook },
    sql: { table: 'public.webhooks', run: sql => sql`delete from webhooks where id = ${acme.webhook} returning id` }
  },
  {
    does: 'rotates a secret',
    by: managers,
    route: { request: 'POST /teams/[teamId]/webhooks/[webhookId]/rotate-secret', status: 200, parameters: ofWebhook },
    sql: {
      table: 'public.webhooks',
      calls: 'rotate_webhook_secret',
      run: sql => sql`select private.rotate_webhook_secret(${acme.id}, ${acme.webhook}, ${secret})`
    }
  },
  {
    does: 'tests a webhook',
    by: managers,
    route: { request: 'POST /teams/[teamId]/webhooks/[webhookId]/test', status: 201, parameters: ofWebhook },
    sql: {
      table: 'public.webhook_deliveries',
      calls: 'ping_webhook',
      run: sql => sql`select private.ping_webhook(${acme.id}, ${acme.webhook})`
    }
  },
  {
    does: 'lists deliveries',
    by: managers,
    route: { request: 'GET /teams/[teamId]/webhooks/[webhookId]/deliveries', status: 200, parameters: ofWebhook },
    sql: { table: 'public.webhook_deliveries', run: sql => sql`select * from webhook_deliveries where id = ${acme.delivery}` }
  },
  {
    does: 'reads a delivery',
    by: managers,
    route: { request: 'GET /teams/[teamId]/webhooks/[webhookId]/deliveries/[deliveryId]', status: 200, parameters: ofDelivery }
  },
  {
    does: 'sends a delivery again',
    by: managers,
    route: { request: 'POST /teams/[teamId]/webhooks/[webhookId]/deliveries/[deliveryId]/redeliver', status: 200, parameters: ofDelivery },
    sql: {
      table: 'public.webhook_deliveries',
      calls: 'redeliver_webhook',
      run: sql => sql`select private.redeliver_webhook(${acme.id}, ${acme.webhook}, ${acme.delivery})`
    }
  },
  {
    does: 'adds a webhook without its secret',
    by: [],
    sql: {
      table: 'public.webhooks',
      run: (sql, { id }) => sql`
      insert into webhooks (team_id, name, url, events, created_by)
      values (${acme.id}, 'New', 'https://hooks.acme.test', array['ticket.created'], ${id}) returning id`
    }
  },
  {
    does: 'changes a webhook',
    by: managers,
    sql: {
      table: 'public.webhooks',
      run: sql => sql`
      update webhooks set name = 'Other', url = 'https://other.test/', events = array['ticket.deleted'], is_active = false
      where id = ${acme.webhook} returning id`
    }
  },
  ...Object.entries({
    id: unknownId,
    team_id: initech.id,
    disabled_at: '2020-01-01',
    disabled_reason: 'gone',
    failing_since: '2020-01-01',
    created_by: ivan.id,
    created_at: '2020-01-01'
  }).map(([column, value]): AuthorizationRow => ({
    does: `writes ${column} of a webhook`,
    by: [],
    sql: {
      table: 'public.webhooks',
      run: sql => sql`update webhooks set ${sql({ [column]: value })} where id = ${acme.webhook} returning id`
    }
  })),
  {
    does: 'reads a webhook secret',
    by: [],
    sql: { table: 'private.webhook_secrets', run: sql => sql`select secret from private.webhook_secrets` }
  },
  {
    does: 'changes a webhook secret',
    by: [],
    sql: { table: 'private.webhook_secrets', run: sql => sql`update private.webhook_secrets set secret = ${secret} returning id` }
  },
  {
    does: 'adds a webhook secret',
    by: [],
    sql: {
      table: 'private.webhook_secrets',
      run: sql => sql`insert into private.webhook_secrets (webhook_id, secret) values (${acme.webhook}, ${secret}) returning id`
    }
  },
  {
    does: 'deletes a webhook secret',
    by: [],
    sql: { table: 'private.webhook_secrets', run: sql => sql`delete from private.webhook_secrets returning id` }
  },
  {
    does: 'adds a delivery',
    by: [],
    sql: {
      table: 'public.webhook_deliveries',
      run: sql => sql`
      insert into webhook_deliveries (team_id, webhook_id, type, payload_id) select ${acme.id}, ${acme.webhook}, 'ping', max(id)
      from webhook_payloads returning id`
    }
  },
  {
    does: 'changes a delivery',
    by: [],
    sql: {
      table: 'public.webhook_deliveries',
      run: sql => sql`update webhook_deliveries set payload_id = 1 where id = ${acme.delivery} returning id`
    }
  },
  {
    does: 'deletes a delivery',
    by: [],
    sql: { table: 'public.webhook_deliveries', run: sql => sql`delete from webhook_deliveries where id = ${acme.delivery} returning id` }
  },
  {
    does: 'reads attempts',
    by: managers,
    sql: { table: 'public.webhook_attempts', run: sql => sql`select * from webhook_attempts where delivery_id = ${acme.delivery}` }
  },
  {
    does: 'adds an attempt',
    by: [],
    sql: {
      table: 'public.webhook_attempts',
      run: sql => sql`
      insert into webhook_attempts (team_id, delivery_id, number, started_at, duration_ms)
      values (${acme.id}, ${acme.delivery}, 2, now(), 1) returning number`
    }
  },
  {
    does: 'changes an attempt',
    by: [],
    sql: {
      table: 'public.webhook_attempts',
      run: sql => sql`update webhook_attempts set response = 'Fine' where delivery_id = ${acme.delivery} returning number`
    }
  },
  {
    does: 'deletes an attempt',
    by: [],
    sql: {
      table: 'public.webhook_attempts',
      run: sql => sql`delete from webhook_attempts where delivery_id = ${acme.delivery} returning number`
    }
  },
  {
    does: 'reads payloads',
    by: managers,
    sql: { table: 'public.webhook_payloads', run: sql => sql`select * from webhook_payloads where team_id = ${acme.id}` }
  },
  {
    does: 'changes a payload',
    by: [],
    sql: {
      table: 'public.webhook_payloads',
      run: sql => sql`update webhook_payloads set data = '{}' where team_id = ${acme.id} returning id`
    }
  },
  {
    does: 'adds a payload',
    by: [],
    sql: {
      table: 'public.webhook_payloads',
      run: sql => sql`insert into webhook_payloads (team_id, type, data) values (${acme.id}, 'ping', '{}') returning id`
    }
  },
  {
    does: 'deletes a payload',
    by: [],
    sql: { table: 'public.webhook_payloads', run: sql => sql`delete from webhook_payloads where team_id = ${acme.id} returning id` }
  },
  {
    does: 'builds the body of a delivery',
    by: managers,
    sql: {
      table: 'public.webhook_payloads',
      calls: 'webhook_body',
      run: sql => sql`select private.webhook_body(${acme.delivery}, payload) from webhook_payloads as payload where team_id = ${acme.id}`
    }
  }
]

import type { WebhookCreate, WebhookUpdate } from '#shared/schemas/webhook'
import type { Webhook, WebhookDeliveryDetail, WebhookWithSecret } from '#shared/types/api'

/** The team's webhooks, live. */
export function useWebhooks() {
  const withRecentSignIn = useRecentSignIn()
  const { data: webhooks, url, isLoaded, error, refresh } = useLive<Webhook[]>('webhooks', { empty: () => [], tables: { webhooks: true } })

  async function create(body: WebhookCreate): Promise<WebhookWithSecret> {
    const created = await withRecentSignIn(() => $fetch<WebhookWithSecret>(url.value, { method: 'POST', body }))
    await refresh()
    return created
  }

  async function update(id: string, body: WebhookUpdate): Promise<void> {
    await withRecentSignIn(() => $fetch(`${url.value}/${id}`, { method: 'PATCH', body }))
    await refresh()
  }

  function rotate(id: string): Promise<WebhookWithSecret> {
    return withRecentSignIn(() => $fetch<WebhookWithSecret>(`${url.value}/${id}/rotate-secret`, { method: 'POST' }))
  }

  async function ping(id: string): Promise<void> {
    await $fetch<WebhookDeliveryDetail>(`${url.value}/${id}/test`, { method: 'POST' })
    await refresh()
  }

  async function remove(id: string): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'DELETE' })
    await refresh()
  }

  return { webhooks, isLoaded, error, refresh, create, update, rotate, ping, remove }
}

import type { WebhookCreate, WebhookUpdate } from '#shared/schemas/webhook'
import type { Webhook, WebhookDeliveryDetail, WebhookWithSecret } from '#shared/types/api'

/** The team's webhooks, live. */
export function useWebhooks() {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const withRecentSignIn = useRecentSignIn()
  const webhooks = shallowRef<Webhook[]>([])
  const isLoaded = ref(false)

  const url = () => `/api/teams/${teamId.value}/webhooks`

  const { error, refresh, refetch } = useResource(async signal => {
    webhooks.value = await $fetch<Webhook[]>(url(), { signal })
    isLoaded.value = true
  })

  function reload(): void {
    if (teamId.value) refetch()
  }

  watch(
    teamId,
    () => {
      webhooks.value = []
      isLoaded.value = false
      reload()
    },
    { immediate: true }
  )
  onTable('webhooks', reload)
  onResync(reload)

  async function create(body: WebhookCreate): Promise<WebhookWithSecret> {
    const created = await withRecentSignIn(() => $fetch<WebhookWithSecret>(url(), { method: 'POST', body }))
    await refresh()
    return created
  }

  async function update(id: string, body: WebhookUpdate): Promise<void> {
    await withRecentSignIn(() => $fetch(`${url()}/${id}`, { method: 'PATCH', body }))
    await refresh()
  }

  function rotate(id: string): Promise<WebhookWithSecret> {
    return withRecentSignIn(() => $fetch<WebhookWithSecret>(`${url()}/${id}/rotate-secret`, { method: 'POST' }))
  }

  async function ping(id: string): Promise<void> {
    await $fetch<WebhookDeliveryDetail>(`${url()}/${id}/test`, { method: 'POST' })
    await refresh()
  }

  async function remove(id: string): Promise<void> {
    await $fetch(`${url()}/${id}`, { method: 'DELETE' })
    await refresh()
  }

  return { webhooks, isLoaded, error, refresh, create, update, rotate, ping, remove }
}

import type { DeliveryState } from '#shared/schemas/webhook'
import type { WebhookDelivery, WebhookDeliveryDetail } from '#shared/types/api'

/** The deliveries of a webhook, newest first, live, with the attempts of the open one. */
export function useWebhookDeliveries(webhookId: string) {
  const state = ref<DeliveryState | 'all'>('all')
  const openId = ref<string | null>(null)
  const path = `webhooks/${webhookId}/deliveries`
  // The webhook's row is broadcast when one of its deliveries changes.
  const live = { interval: 1_000, tables: { webhooks: ({ record }: { record: { id: string } }) => record.id === webhookId } }

  const {
    rows: deliveries,
    url,
    isLoaded,
    error,
    refresh,
    hasMore,
    more,
    isLoadingMore
  } = useCursorPages<WebhookDelivery>(path, {
    ...live,
    pageSize: 25,
    query: () => (state.value === 'all' ? {} : { state: state.value }),
    keepStale: false,
    failure: 'Earlier deliveries were not loaded'
  })
  const {
    data: detail,
    error: detailError,
    refresh: refreshDetail
  } = useLive<WebhookDeliveryDetail | null>(() => (openId.value ? `${path}/${openId.value}` : null), { ...live, empty: () => null })

  async function redeliver(id: string): Promise<void> {
    await $fetch(`${url.value}/${id}/redeliver`, { method: 'POST' })
    await Promise.all([refresh(), refreshDetail()])
  }

  return { state, deliveries, isLoaded, error, refresh, hasMore, more, isLoadingMore, openId, detail, detailError, redeliver }
}

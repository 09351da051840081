import type { DeliveryState } from '#shared/schemas/webhook'
import type { CursorPage, WebhookDelivery, WebhookDeliveryDetail } from '#shared/types/api'

const pageSize = 25

/** What a webhook was told, newest first, live; and one delivery of it with its attempts. */
export function useWebhookDeliveries(webhookId: string) {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const state = ref<DeliveryState | 'all'>('all')
  const deliveries = shallowRef<WebhookDelivery[]>([])
  const isLoaded = ref(false)
  const cursor = ref<string | null>(null)
  const openId = ref<string | null>(null)
  const detail = shallowRef<WebhookDeliveryDetail | null>(null)

  const url = () => `/api/teams/${teamId.value}/webhooks/${webhookId}/deliveries`

  // As many as are shown already: what changes may stand on the second page.
  const { error, refresh, refetch } = useResource(
    async signal => {
      const page = await fetchPage('', Math.min(100, Math.max(pageSize, deliveries.value.length)), signal)
      const rest = deliveries.value.slice(100)
      deliveries.value = [...page.data, ...rest.filter(({ id }) => !page.data.some(row => row.id === id))]
      if (!rest.length) cursor.value = page.next_cursor
      isLoaded.value = true
    },
    { interval: 1_000 }
  )
  const {
    error: detailError,
    refresh: refreshDetail,
    refetch: refetchDetail
  } = useResource(
    async signal => {
      const id = openId.value
      const row = id && (await $fetch<WebhookDeliveryDetail>(`${url()}/${id}`, { signal }))
      if (row && row.id === openId.value) detail.value = row
    },
    { interval: 1_000 }
  )

  watch(
    [teamId, state],
    () => {
      deliveries.value = []
      isLoaded.value = false
      if (teamId.value) void refresh()
    },
    { immediate: true }
  )
  watch(openId, id => {
    detail.value = null
    if (id) void refreshDetail()
  })

  function reload(): void {
    refetch()
    if (openId.value) refetchDetail()
  }
  onTable('webhooks', ({ record }) => record.id === webhookId && reload())
  onResync(reload)

  const { run: more, pending: isLoadingMore } = useAction(
    async () => {
      const page = await fetchPage(cursor.value ?? '', pageSize)
      deliveries.value = [...deliveries.value, ...page.data.filter(({ id }) => !deliveries.value.some(row => row.id === id))]
      cursor.value = page.next_cursor
    },
    { failure: 'Earlier deliveries were not loaded' }
  )

  function fetchPage(from: string, size: number, signal?: AbortSignal): Promise<CursorPage<WebhookDelivery>> {
    return $fetch<CursorPage<WebhookDelivery>>(url(), {
      query: { page_size: size, cursor: from, ...(state.value !== 'all' && { state: state.value }) },
      signal
    })
  }

  async function redeliver(id: string): Promise<void> {
    await $fetch(`${url()}/${id}/redeliver`, { method: 'POST' })
    await Promise.all([refresh(), refreshDetail()])
  }

  const hasMore = computed(() => cursor.value !== null)

  return { state, deliveries, isLoaded, error, refresh, hasMore, more, isLoadingMore, openId, detail, detailError, redeliver }
}

import type { CannedResponseCreate, CannedResponseUpdate } from '#shared/schemas/canned-response'
import type { CannedResponse } from '#shared/types/api'

/** The team's reply templates by title, live. Viewers have none. */
export function useCannedResponses() {
  const { teamId } = useTeam()
  const { can } = usePermissions()
  const { onTable, onResync } = useRealtime()
  const responses = shallowRef<CannedResponse[]>([])
  const isLoaded = ref(false)

  const url = () => `/api/teams/${teamId.value}/canned-responses`

  const { error, refresh, refetch } = useResource(async signal => {
    responses.value = await fetchAll<CannedResponse>(url(), { signal })
    isLoaded.value = true
  })

  function reload(): void {
    if (teamId.value && can('canned_responses.view')) refetch()
  }

  watch(
    [teamId, () => can('canned_responses.view')],
    () => {
      responses.value = []
      isLoaded.value = false
      reload()
    },
    { immediate: true }
  )
  onTable('canned_responses', reload)
  onResync(reload)

  async function create(body: CannedResponseCreate): Promise<void> {
    await $fetch(url(), { method: 'POST', body })
    await refresh()
  }

  async function update(id: string, body: CannedResponseUpdate): Promise<void> {
    await $fetch(`${url()}/${id}`, { method: 'PATCH', body })
    await refresh()
  }

  async function remove(id: string): Promise<void> {
    await $fetch(`${url()}/${id}`, { method: 'DELETE' })
    await refresh()
  }

  return { responses, isLoaded, error, refresh, create, update, remove }
}

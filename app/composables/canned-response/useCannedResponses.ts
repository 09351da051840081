import type { CannedResponseCreate, CannedResponseUpdate } from '#shared/schemas/canned-response'
import type { CannedResponse } from '#shared/types/api'

/** The team's canned responses by title, live; empty for viewers. */
export function useCannedResponses() {
  const { can } = usePermissions()
  const {
    data: responses,
    url,
    isLoaded,
    error,
    refresh
  } = useLive<CannedResponse[]>(() => (can('canned_responses.view') ? 'canned-responses' : null), {
    empty: () => [],
    tables: { canned_responses: true },
    load: fetchAll
  })

  async function create(body: CannedResponseCreate): Promise<void> {
    await $fetch(url.value, { method: 'POST', body })
    await refresh()
  }

  async function update(id: string, body: CannedResponseUpdate): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'PATCH', body })
    await refresh()
  }

  async function remove(id: string): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'DELETE' })
    await refresh()
  }

  return { responses, isLoaded, error, refresh, create, update, remove }
}

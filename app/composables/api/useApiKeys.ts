import type { ApiKeyCreate } from '#shared/schemas/api-key'
import type { ApiKey, IssuedApiKey } from '#shared/types/api'

/** The API keys of the current team that the caller may see: a manager all, others those that act as them. */
export function useApiKeys() {
  const { teamId } = useTeam()
  const withRecentSignIn = useRecentSignIn()
  const base = computed(() => `/api/teams/${teamId.value}/api-keys`)

  const {
    data: keys,
    status,
    error,
    refresh
  } = useAsyncData(
    () => `api-keys-${teamId.value}`,
    async () => (teamId.value ? await $fetch<ApiKey[]>(base.value) : []),
    { default: (): ApiKey[] => [], lazy: true }
  )
  useRealtime().onTable('team_members', () => refresh()) // who leaves takes their keys with them

  async function create(body: Omit<ApiKeyCreate, 'expires_at'> & { expires_at?: string | null }): Promise<IssuedApiKey> {
    const issued = await withRecentSignIn(() => $fetch<IssuedApiKey>(base.value, { method: 'POST', body, pinned: ['expires_at'] }))
    await refresh()
    return issued
  }

  async function rotate(id: string): Promise<IssuedApiKey> {
    const issued = await withRecentSignIn(() => $fetch<IssuedApiKey>(`${base.value}/${id}/rotate`, { method: 'POST' }))
    await refresh()
    return issued
  }

  async function revoke(id: string): Promise<void> {
    await $fetch(`${base.value}/${id}`, { method: 'DELETE' })
    keys.value = keys.value.filter(key => key.id !== id)
  }

  return { keys, status, error, refresh, create, rotate, revoke }
}

import type { ApiKeyCreate } from '#shared/schemas/api-key'
import type { ApiKey, IssuedApiKey } from '#shared/types/api'

/** The API keys of the current team: all of them for owners and admins, for others the keys that act as them. */
export function useApiKeys() {
  const withRecentSignIn = useRecentSignIn()
  const {
    data: keys,
    url,
    isLoaded,
    error,
    refresh
  } = useLive<ApiKey[]>('api-keys', {
    empty: () => [],
    tables: { team_members: true } // removing a member deletes their keys
  })

  async function create(body: Omit<ApiKeyCreate, 'expires_at'> & { expires_at?: string | null }): Promise<IssuedApiKey> {
    const issued = await withRecentSignIn(() => $fetch<IssuedApiKey>(url.value, { method: 'POST', body, pinned: ['expires_at'] }))
    await refresh()
    return issued
  }

  async function rotate(id: string): Promise<IssuedApiKey> {
    const issued = await withRecentSignIn(() => $fetch<IssuedApiKey>(`${url.value}/${id}/rotate`, { method: 'POST' }))
    await refresh()
    return issued
  }

  async function revoke(id: string): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'DELETE' })
    keys.value = keys.value.filter(key => key.id !== id)
  }

  return { keys, isLoaded, error, refresh, create, rotate, revoke }
}

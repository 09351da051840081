import type { OrganizationCreate, OrganizationUpdate } from '#shared/schemas/contact'
import type { Organization, Sharing } from '#shared/types/api'

/** The team's organizations by name, live; shared by the list, the filter and the forms. */
export const useOrganizations = createSharedComposable(() => {
  const {
    data: organizations,
    url,
    isLoaded,
    error,
    refresh
  } = useLive<Organization[]>('organizations', {
    empty: () => [],
    tables: { organizations: true, contacts: true },
    interval: 2_000,
    load: fetchAll
  })

  async function create(body: OrganizationCreate): Promise<void> {
    await $fetch(url.value, { method: 'POST', body })
    await refresh()
  }

  async function update(id: string, body: OrganizationUpdate): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'PATCH', body })
    await refresh()
  }

  async function remove(id: string): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'DELETE' })
    await refresh()
  }

  /** How many tickets would become visible to how many contacts if the organization shared its tickets. */
  function previewSharing(id: string): Promise<Sharing> {
    return $fetch<Sharing>(`${url.value}/${id}/sharing`)
  }

  return { organizations, isLoaded, error, refresh, create, update, remove, previewSharing }
})

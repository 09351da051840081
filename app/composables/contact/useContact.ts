import type { ContactUpdate } from '#shared/schemas/contact'
import type { Contact, EndedSessions } from '#shared/types/api'

/** A contact, live, and the functions that change it; with id null nothing is fetched. */
export function useContact(id: MaybeRefOrGetter<string | null>) {
  const { data, url, isLoaded, error, refresh } = useLive<Contact | null>(() => (toValue(id) === null ? null : `contacts/${toValue(id)}`), {
    empty: () => null,
    tables: {
      contacts: ({ record }) => record.id === toValue(id),
      organizations: ({ record }): boolean => record.id === data.value?.organization_id,
      tickets: ({ record, operation, changed = [] }) =>
        operation === 'DELETE' ||
        changed.includes('contact_id') ||
        (record.contact_id === toValue(id) && (operation === 'INSERT' || changed.includes('status')))
    }
  })

  async function update(body: ContactUpdate): Promise<void> {
    show(await $fetch<Contact>(url.value, { method: 'PATCH', body }))
  }

  async function addAddress(address: string): Promise<void> {
    show(await $fetch<Contact>(`${url.value}/addresses`, { method: 'POST', body: { address } }))
  }

  async function makePrimary(address: string): Promise<void> {
    show(await $fetch<Contact>(`${url.value}/addresses`, { method: 'PATCH', body: { address, is_primary: true } }))
  }

  async function removeAddress(address: string): Promise<void> {
    await $fetch(`${url.value}/addresses`, { method: 'DELETE', query: { address } })
    await refresh()
  }

  async function erase(): Promise<void> {
    await $fetch(url.value, { method: 'DELETE' })
  }

  function endSessions(): Promise<EndedSessions> {
    return $fetch<EndedSessions>(`${url.value}/sessions`, { method: 'DELETE' })
  }

  // Another contact may have been opened since.
  function show(contact: Contact): void {
    if (contact.id === toValue(id)) data.value = contact
  }

  return { contact: data, isLoaded, error, refresh, update, addAddress, makePrimary, removeAddress, erase, endSessions }
}

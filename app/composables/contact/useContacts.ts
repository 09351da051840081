import type { z } from '#shared/schemas/zod'
import type { Contact, Page } from '#shared/types/api'
import type { ContactListQuery } from '~/utils/contact/contact-query'
import type { newContactForm } from '~/utils/contact/contact-form'

/** One page of the team's contacts, live. `create` adds a contact; the page shows it when it is broadcast. */
export function useContacts(query: Ref<ContactListQuery>) {
  const { data, url, isLoaded, isStale, error, refresh } = useLive<Page<Contact>>('contacts', {
    empty: () => ({ data: [], total: 0, page: 1, page_size: contactPageSize }),
    query: () => contactApiQuery(query.value),
    tables: { contacts: true, organizations: true, tickets: ({ operation, changed }) => operation !== 'UPDATE' || hasMoved(changed) },
    interval: 1_000
  })

  async function create(body: z.output<typeof newContactForm>): Promise<Contact> {
    const contact = await $fetch<Contact>(url.value, { method: 'POST', body })
    void refresh()
    return contact
  }

  return {
    contacts: computed(() => data.value.data),
    total: computed(() => data.value.total),
    isLoaded,
    isStale,
    error,
    refresh,
    create
  }
}

// Whether the counts of tickets may have changed.
function hasMoved(columns: string[] = []): boolean {
  return columns.includes('status') || columns.includes('contact_id')
}

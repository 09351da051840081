import type { Contact, ContactMerge } from '#shared/types/api'

const toastMs = 8_000

/** The merges into a contact, live, newest first, for those who may merge; and the functions that merge and undo. */
export function useContactMerges(contactId: MaybeRefOrGetter<string | null>) {
  const { can } = usePermissions()
  const { teamId } = useTeam()
  const toast = useToast()
  const { data: merges, refresh } = useLive<ContactMerge[]>(
    () => (can('contacts.merge') && toValue(contactId) !== null ? `contacts/${toValue(contactId)}/merges` : null),
    { empty: () => [], tables: { contacts: ({ record }) => record.id === toValue(contactId) } }
  )

  const { run: undo, pending: isUndoing } = useAction(
    async ({ id }: Pick<ContactMerge, 'id'>) => {
      const merge = await $fetch<ContactMerge>(`${baseUrl()}/${id}/undo`, { method: 'POST' })
      void refresh()
      return merge
    },
    { success: 'The merge was undone', failure: 'The merge was not undone' }
  )

  /** Merges `duplicate` into `contact`. Its toast offers the undo. */
  async function merge(contact: Contact, duplicate: Contact): Promise<void> {
    const merged = await $fetch<ContactMerge>(baseUrl(), {
      method: 'POST',
      body: { contact_id: contact.id, duplicate_id: duplicate.id }
    })
    void refresh()
    toast.add({
      title: `${contactName(duplicate)} was merged into ${contactName(contact)}`,
      color: 'success',
      icon: 'i-lucide-circle-check',
      duration: toastMs,
      actions: [{ label: 'Undo', icon: 'i-lucide-undo-2', color: 'neutral', variant: 'outline', onClick: () => void undo(merged) }]
    })
  }

  function baseUrl(): string {
    return `/api/teams/${teamId.value}/contacts/merges`
  }

  return { merges, merge, undo, isUndoing }
}

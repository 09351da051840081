/**
 * The unsent reply of this person to a ticket. It is on this device with every key and on the server a second later, and
 * so survives failures, other tickets, and the way to another device.
 */
export function useReplyDraft(ticket: () => { id: string; ticket_number: number }) {
  const ticketId = () => ticket().id
  const { profile } = useTeam()
  const { onTable, onResync } = useRealtime()
  const sync = useReplyDraftSync()
  const draft = computed(() => sync.read(ticketId()))
  let current = ''

  // A failure costs nothing here: the next save answers what is stored.
  const { refresh, refetch } = useResource(signal => sync.load(current, signal))

  watch(
    ticketId,
    id => {
      leave()
      current = id
      sync.noteNumber(id, ticket().ticket_number)
      void refresh()
    },
    { immediate: true }
  )
  tryOnScopeDispose(leave)

  onResync(refetch)
  useEventListener(window, 'focus', refetch)
  // Sent on another device: the draft has ended.
  onTable('ticket_replies', ({ operation, record }) => {
    if (operation === 'INSERT' && record.ticket_id === current && record.user_id === profile.value?.id) refetch()
  })

  function leave(): void {
    if (current) void sync.save(current)
  }

  return {
    content: computed({ get: () => draft.value.content, set: (content: string) => sync.change(ticketId(), { content }) }),
    isInternal: computed({ get: () => draft.value.is_internal, set: (is_internal: boolean) => sync.change(ticketId(), { is_internal }) }),
    /** `unsaved` is on this device alone, and will not be on the server before something changes. */
    state: computed(() => sync.stateOf(ticketId())),
    /** What was written on another device meanwhile; null where there is nothing to choose. */
    newer: computed(() => sync.newerOf(ticketId())),
    takeNewer: () => sync.takeNewer(ticketId()),
    keepMine: () => sync.keepMine(ticketId()),
    whileSending: sync.whileSending
  }
}

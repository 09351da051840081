import type { InsertedArticle } from '~/utils/article/article-insert'

/**
 * The unsent reply of this person to a ticket. Every key press stores it on this device, and one second later on the server, so it
 * survives failures, switching tickets, and switching devices.
 */
export function useReplyDraft(ticket: () => { id: string; ticket_number: number }) {
  const ticketId = () => ticket().id
  const { profile } = useTeam()
  const { onTable, onResync } = useRealtime()
  const local = useLocalReplyDrafts()
  const sync = useReplyDraftSync()
  const draft = computed(() => local.read(ticketId()))
  let current = ''

  // Not `useLive`: the response is merged into the draft of this device. Failures are ignored: the next save returns the stored draft.
  const { refresh, refetch } = useResource(signal => sync.load(current, signal))

  watch(
    ticketId,
    id => {
      leave()
      current = id
      local.recordNumber(id, ticket().ticket_number)
      void refresh()
    },
    { immediate: true }
  )
  tryOnScopeDispose(leave)

  onResync(refetch)
  useEventListener(window, 'focus', refetch)
  // The reply was sent on another device, which deletes the draft.
  onTable('ticket_replies', ({ operation, record }) => {
    if (operation === 'INSERT' && record.ticket_id === current && record.user_id === profile.value?.id) refetch()
  })

  function leave(): void {
    if (current) void sync.save(current)
  }

  return {
    content: computed({ get: () => draft.value.content, set: (content: string) => sync.change(ticketId(), { content }) }),
    isInternal: computed({ get: () => draft.value.is_internal, set: (is_internal: boolean) => sync.change(ticketId(), { is_internal }) }),
    /** Articles whose text was inserted on this device. */
    articles: computed(() => draft.value.articles ?? []),
    addArticle: (article: InsertedArticle) => sync.change(ticketId(), { articles: [...(draft.value.articles ?? []), article] }),
    /** `unsaved` means that the draft is on this device only. */
    state: computed(() => sync.stateOf(ticketId())),
    /** A conflicting draft of another device; null if there is no conflict. */
    newer: computed(() => sync.newerOf(ticketId())),
    takeNewer: () => sync.takeNewer(ticketId()),
    keepMine: () => sync.keepMine(ticketId()),
    whileSending: sync.whileSending
  }
}

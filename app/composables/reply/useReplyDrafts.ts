/** The tickets in which I have a draft, on this device or another. */
export function useReplyDrafts() {
  const { teamId, profile } = useTeam()
  const { onTable, onResync } = useRealtime()
  const { loadDrafted } = useReplyDraftSync()
  const { forgetDrafted, isDrafted } = useLocalReplyDrafts()

  // Not `useLive`: the response is merged into the drafts of this device, which other composables read too.
  const { error, refresh, refetch } = useResource(loadDrafted)

  watch(
    teamId,
    () => {
      forgetDrafted()
      if (teamId.value) void refresh()
    },
    { immediate: true }
  )

  onResync(reload)
  useEventListener(window, 'focus', reload)
  onTable('ticket_replies', ({ operation, record }) => {
    if (operation === 'INSERT' && record.user_id === profile.value?.id) reload()
  })

  function reload(): void {
    if (teamId.value) refetch()
  }

  return { hasDraft: isDrafted, error }
}

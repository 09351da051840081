/** How many notifications of the current team I have not read, live, and the ways to have read them; one copy for the app. */
export const useUnreadNotifications = createSharedComposable(() => {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const unread = ref(0)

  const { refetch } = useResource(async signal => {
    // It may have waited for its turn while its person signed out.
    if (teamId.value) unread.value = (await $fetch<{ unread: number }>(`/api/teams/${teamId.value}/notifications/count`, { signal })).unread
  })

  watch(
    teamId,
    () => {
      unread.value = 0
      refetch()
    },
    { immediate: true }
  )
  onTable('notifications', ({ record }) => {
    if (record.team_id === teamId.value) refetch()
  })
  onResync(refetch)

  /** Those with these ids, or of that ticket, or all of the team. Answers how many were unread. */
  async function markRead(which: { ids?: string[]; ticket_id?: string }): Promise<number> {
    const { updated } = await $fetch<{ updated: number }>(`/api/teams/${teamId.value}/notifications/read`, { method: 'POST', body: which })
    unread.value = Math.max(0, unread.value - updated)
    refetch() // the answer may have come after a count that knew of it
    return updated
  }

  return { unread, markRead }
})

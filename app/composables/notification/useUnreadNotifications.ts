/** How many notifications of the current team I have not read, live; one copy for the app. */
export const useUnreadNotifications = createSharedComposable(() => {
  const { teamId } = useTeam()
  const { data, refetch } = useLive<{ unread: number }>('notifications/count', {
    empty: () => ({ unread: 0 }),
    tables: { notifications: ({ record }) => record.team_id === teamId.value }
  })

  /** Marks those with these ids, or of that ticket, or all of the team. Answers how many were unread. */
  async function markRead(which: { ids?: string[]; ticket_id?: string }): Promise<number> {
    const { updated } = await $fetch<{ updated: number }>(`/api/teams/${teamId.value}/notifications/read`, { method: 'POST', body: which })
    data.value = { unread: Math.max(0, data.value.unread - updated) }
    refetch() // a count that knew of it may have come before this answer
    return updated
  }

  return { unread: computed(() => data.value.unread), markRead }
})

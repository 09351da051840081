/** The number of my unread notifications in the current team, live; shared by the whole app. */
export const useUnreadNotifications = createSharedComposable(() => {
  const { teamId } = useTeam()
  const { data, refetch } = useLive<{ unread: number }>('notifications/count', {
    empty: () => ({ unread: 0 }),
    tables: { notifications: ({ record }) => record.team_id === teamId.value }
  })

  /** Marks notifications as read: by ids, of a ticket, or all of the team. Returns how many were unread. */
  async function markRead(which: { ids?: string[]; ticket_id?: string }): Promise<number> {
    const { updated } = await $fetch<{ updated: number }>(`/api/teams/${teamId.value}/notifications/read`, { method: 'POST', body: which })
    data.value = { unread: Math.max(0, data.value.unread - updated) }
    refetch() // a newer count may have arrived before this response
    return updated
  }

  return { unread: computed(() => data.value.unread), markRead }
})

import type { Role } from '#shared/permissions'
import type { Member } from '#shared/types/api'

/** The members of the current team, kept current while anybody looks at them. */
export function useMembers() {
  const { teamId, refresh: refreshTeams } = useTeam()
  const { onTable, onResync } = useRealtime()
  const withRecentSignIn = useRecentSignIn()
  const base = computed(() => `/api/teams/${teamId.value}/members`)

  const {
    data: members,
    status,
    error,
    refresh
  } = useAsyncData(
    () => `members-${teamId.value}`,
    async () => (teamId.value ? await fetchAll<Member>(base.value) : []),
    { default: (): Member[] => [], lazy: true, dedupe: 'defer' }
  )
  onTable('team_members', () => refresh())
  onResync(() => refresh())

  async function changeRole(userId: string, role: Role): Promise<void> {
    const changed = await withRecentSignIn(() => $fetch<Member>(`${base.value}/${userId}`, { method: 'PATCH', body: { role } }))
    members.value = members.value.map(member => (member.id === userId ? changed : member))
  }

  async function remove(userId: string): Promise<void> {
    await $fetch(`${base.value}/${userId}`, { method: 'DELETE' })
    members.value = members.value.filter(({ id }) => id !== userId)
  }

  async function leave(): Promise<void> {
    await $fetch(`${base.value}/me`, { method: 'DELETE' })
    await refreshTeams()
  }

  return { members, status, error, refresh, changeRole, remove, leave }
}

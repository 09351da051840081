import type { Role } from '#shared/permissions'
import type { Member } from '#shared/types/api'

const useMemberList = createSharedComposable(() =>
  useLive<Member[]>('members', {
    empty: () => [],
    tables: { team_members: true },
    load: fetchAll
  })
)

/** The members of the current team, live; shared by the whole app. */
export function useMembers() {
  const { refresh: refreshTeams } = useTeam()
  const withRecentSignIn = useRecentSignIn()
  const { data: members, url, isLoaded, error, refresh } = useMemberList()

  async function changeRole(userId: string, role: Role): Promise<void> {
    const changed = await withRecentSignIn(() => $fetch<Member>(`${url.value}/${userId}`, { method: 'PATCH', body: { role } }))
    members.value = members.value.map(member => (member.id === userId ? changed : member))
  }

  async function remove(userId: string): Promise<void> {
    await $fetch(`${url.value}/${userId}`, { method: 'DELETE' })
    members.value = members.value.filter(({ id }) => id !== userId)
  }

  async function leave(): Promise<void> {
    await $fetch(`${url.value}/me`, { method: 'DELETE' })
    await refreshTeams()
  }

  return { members, isLoaded, error, refresh, changeRole, remove, leave }
}

import type { InvitationCreate } from '#shared/schemas/team'
import type { Invitation } from '#shared/types/api'

/** The pending invitations of the current team. */
export function useInvitations() {
  const { teamId } = useTeam()
  const withRecentSignIn = useRecentSignIn()
  const base = computed(() => `/api/teams/${teamId.value}/invitations`)

  const {
    data: invitations,
    status,
    error,
    refresh
  } = useAsyncData(
    () => `invitations-${teamId.value}`,
    async () => (teamId.value ? await fetchAll<Invitation>(base.value) : []),
    { default: (): Invitation[] => [], lazy: true }
  )
  useRealtime().onTable('team_members', () => refresh()) // an accepted one is a member now

  async function invite(input: InvitationCreate): Promise<void> {
    await withRecentSignIn(() => $fetch<Invitation>(base.value, { method: 'POST', body: input })).finally(refresh)
  }

  async function resend(id: string): Promise<void> {
    await withRecentSignIn(() => $fetch<Invitation>(`${base.value}/${id}/resend`, { method: 'POST' })).finally(refresh)
  }

  async function revoke(id: string): Promise<void> {
    await $fetch(`${base.value}/${id}`, { method: 'DELETE' })
    invitations.value = invitations.value.filter(invitation => invitation.id !== id)
  }

  return { invitations, status, error, refresh, invite, resend, revoke }
}

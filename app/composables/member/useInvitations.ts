import type { InvitationCreate } from '#shared/schemas/team'
import type { Invitation } from '#shared/types/api'

const useInvitationList = createSharedComposable(() =>
  useLive<Invitation[]>('invitations', {
    empty: () => [],
    tables: { team_members: true }, // an accepted invitation becomes a member
    load: fetchAll
  })
)

/** The pending invitations of the current team. */
export function useInvitations() {
  const withRecentSignIn = useRecentSignIn()
  const { data: invitations, url, isLoaded, error, refresh } = useInvitationList()

  async function invite(input: InvitationCreate): Promise<void> {
    await withRecentSignIn(() => $fetch<Invitation>(url.value, { method: 'POST', body: input })).finally(refresh)
  }

  async function resend(id: string): Promise<void> {
    await withRecentSignIn(() => $fetch<Invitation>(`${url.value}/${id}/resend`, { method: 'POST' })).finally(refresh)
  }

  async function revoke(id: string): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'DELETE' })
    invitations.value = invitations.value.filter(invitation => invitation.id !== id)
  }

  return { invitations, isLoaded, error, refresh, invite, resend, revoke }
}

import type { InvitationPreview, Team } from '#shared/types/api'

/** The invitation with this token; null without a token. Needs no session. */
export function useInvitation(token: MaybeRefOrGetter<string | null>) {
  const request = useRequestFetch()
  return useAsyncData(
    () => `invitation-${toValue(token)}`,
    async () => {
      const secret = toValue(token)
      return secret ? await request<InvitationPreview>(`/api/invitations/${encodeURIComponent(secret)}`) : null
    }
  )
}

/** Joins the team. The signed-in person must have the invited address. */
export async function acceptInvitation(token: string): Promise<Team> {
  return await $fetch<Team>(`/api/invitations/${encodeURIComponent(token)}/accept`, { method: 'POST' })
}

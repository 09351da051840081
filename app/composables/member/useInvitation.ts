import type { InvitationPreview, Team } from '#shared/types/api'

/** The invitation with that token, as anybody may see who has the token; null without one. Needs no session. */
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

/** Joins the team, as the person whose mailbox was invited. */
export async function acceptInvitation(token: string): Promise<Team> {
  return await $fetch<Team>(`/api/invitations/${encodeURIComponent(token)}/accept`, { method: 'POST' })
}

import type { ReplyAddress, ReplyAddressProof } from '#shared/types/api'

/** Where the answers of the current team's clients go, and the ways to change it. */
export function useReplyAddress() {
  const { teamId } = useTeam()
  const withRecentSignIn = useRecentSignIn()
  const path = computed(() => `/api/teams/${teamId.value}/reply-address`)
  const address = shallowRef<ReplyAddress | null>(null)

  const { error, refresh } = useResource(async (signal) => {
    address.value = await $fetch<ReplyAddress>(path.value, { signal })
  })
  watch(teamId, () => {
    address.value = null
    void refresh()
  }, { immediate: true })

  /** Mails a link to the address; it is used once somebody there has agreed. */
  async function change(email: string): Promise<void> {
    try {
      address.value = await withRecentSignIn(() => $fetch<ReplyAddress>(path.value, { method: 'PUT', body: { email } }))
    } catch (cause) {
      void refresh()
      throw cause
    }
  }

  async function remove(): Promise<void> {
    await $fetch(path.value, { method: 'DELETE' })
    address.value = { email: null, pending_email: null, pending_until: null }
  }

  return { address, error, refresh, change, remove }
}

/** What the holder of a link that proves a reply address sees. Needs no session, and changes nothing. */
export function useReplyAddressProof(token: string) {
  const request = useRequestFetch()
  return useAsyncData(`reply-address-${token}`, () => request<ReplyAddressProof>(proofPath(token)))
}

/** Whoever reads the mailbox agrees. */
export async function confirmReplyAddress(token: string): Promise<ReplyAddressProof> {
  return await $fetch<ReplyAddressProof>(proofPath(token), { method: 'POST' })
}

function proofPath(token: string): string {
  return `/api/reply-address/${encodeURIComponent(token)}`
}

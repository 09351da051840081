import type { ReplyAddress } from '#shared/types/api'

/** The reply address of the current team. */
export function useReplyAddress() {
  const withRecentSignIn = useRecentSignIn()
  const { data: address, url, error, refresh } = useLive<ReplyAddress | null>('reply-address', { empty: () => null })

  /** Mails a confirmation link to the address. The address is used once somebody confirms it. */
  async function change(email: string): Promise<void> {
    try {
      address.value = await withRecentSignIn(() => $fetch<ReplyAddress>(url.value, { method: 'PUT', body: { email } }))
    } catch (cause) {
      void refresh()
      throw cause
    }
  }

  async function remove(): Promise<void> {
    await $fetch(url.value, { method: 'DELETE' })
    address.value = { email: null, pending_email: null, pending_until: null }
  }

  return { address, error, refresh, change, remove }
}

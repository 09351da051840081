import type { ReplyAddress } from '#shared/types/api'

/** Where the answers of the current team's clients go, and the ways to change it. */
export function useReplyAddress() {
  const withRecentSignIn = useRecentSignIn()
  const { data: address, url, error, refresh } = useLive<ReplyAddress | null>('reply-address', { empty: () => null })

  /** Mails a link to the address; it is used once somebody there has agreed. */
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

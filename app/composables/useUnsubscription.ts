import type { Unsubscription } from '#shared/types/api'

/** Whose mails a link ends. Needs no session, and changes nothing. */
export function useUnsubscription(token: string) {
  const request = useRequestFetch()
  return useAsyncData(`unsubscribe-${token}`, () => request<Unsubscription>(path(token)))
}

/** Ends all mails of the team to the holder of the link. */
export async function endMails(token: string): Promise<void> {
  await $fetch(path(token), { method: 'POST' })
}

function path(token: string): string {
  return `/api/unsubscribe/${encodeURIComponent(token)}`
}

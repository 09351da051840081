/**
 * The page behind a link in a mail; `noun` is the API path for its token. `load` only reads, because mail scanners open links too;
 * `send` posts the token. Neither needs a session. No referrer is sent, because the URL is a secret. A page without a fixed `title` sets its
 * own.
 */
export function useMailLink<T, B extends object = never>(noun: 'ratings' | 'unsubscribe' | 'reply-address', title?: string) {
  const token = String(useRoute().params.token)
  const path = `/api/${noun}/${encodeURIComponent(token)}`
  const request = useRequestFetch()
  useHead({ ...(title && { title }), meta: [{ name: 'referrer', content: 'no-referrer' }] })

  return {
    load: () => useAsyncData(`${noun}-${token}`, () => request<T>(path)),
    send: (body?: B) => $fetch<T>(path, { method: 'POST', body })
  }
}

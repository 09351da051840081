import type { NitroFetchOptions } from 'nitropack'
import type { FetchContext } from 'ofetch'

declare module 'ofetch' {
  interface FetchOptions {
    /** Body fields of a POST that are not user input: a retry repeats their values of the first attempt. */
    pinned?: readonly string[]
  }
}

type Options = NitroFetchOptions<string>

interface Request {
  path: string
  isPost: boolean
  person: string
}

/**
 * Replaces `$fetch` for all requests to our API. Each POST carries an Idempotency-Key, which a retry of the same text repeats, even
 * after a reload. Each response synchronises the clock. A session that the API rejects is renewed once, and ended if that fails.
 */
export default defineNuxtPlugin({
  name: 'requests',
  enforce: 'pre',
  setup() {
    const { sendAsPerson } = useSessionEnd()
    const session = useSupabaseSession()
    const sentAt = new WeakMap<object, number>()
    const original = globalThis.$fetch
    const learn = ({ options, response }: FetchContext) => learnFromDate(response?.headers.get('date'), sentAt.get(options) ?? NaN)
    const send = original.create({ onRequest: ({ options }: FetchContext) => void sentAt.set(options, Date.now()), onResponse: learn })

    async function fetchApi(url: string, options: Options = {}): Promise<unknown> {
      const { pinned, ...others } = options
      const request = describe(url, options)
      if (!request) return send(url, others)
      const keyed = request.isPost ? keyRequest(request.person, request.path, options.body, pinned) : null
      const headers = new Headers(options.headers as HeadersInit)
      if (keyed) headers.set('idempotency-key', keyed.key)
      // A hook of the request would replace ours.
      const prepared = {
        ...others,
        headers,
        ...(others.onResponse && { onResponse: [learn, others.onResponse].flat() }),
        ...(keyed && { body: keyed.body as Options['body'] })
      }
      try {
        const answer = await sendAsPerson(() => send(url, prepared))
        if (keyed) settleRequest(request.person, request.path, options.body, pinned)
        return answer
      } catch (error) {
        if (keyed && !isOutcomeUnknown(statusOf(error))) settleRequest(request.person, request.path, options.body, pinned)
        throw error
      }
    }

    function describe(url: unknown, { method = 'GET' }: Options): Request | null {
      if (typeof url !== 'string') return null
      const path = url.startsWith('/') ? url.split('?', 1)[0]! : ''
      return path.startsWith('/api/')
        ? { path, isPost: method.toUpperCase() === 'POST', person: String(claimsOf(session.value?.access_token)?.sub ?? '') }
        : null
    }

    globalThis.$fetch = Object.assign(fetchApi, original) as typeof $fetch
  }
})

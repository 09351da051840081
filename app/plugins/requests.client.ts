import type { NitroFetchOptions } from 'nitropack'
import type { FetchContext } from 'ofetch'

declare module 'ofetch' {
  interface FetchOptions {
    /** Fields of a POST's body that are no part of what somebody wrote: a retry repeats them as they were at the first try. */
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
 * The one way from the browser to our API, in place of `$fetch`. Each POST carries an Idempotency-Key that a retry of the
 * same text repeats, also after a reload. Each answer tells the server's time. A session that the API refuses is renewed
 * once, and ended where that fails.
 */
export default defineNuxtPlugin({
  name: 'requests',
  enforce: 'pre',
  setup() {
    const { renewSession, endSession } = useSessionEnd()
    const session = useSupabaseSession()
    const sentAt = new WeakMap<object, number>()
    const original = globalThis.$fetch
    const learn = ({ options, response }: FetchContext) => learnFromDate(response?.headers.get('date'), sentAt.get(options) ?? NaN)
    const send = original.create({ onRequest: ({ options }: FetchContext) => void sentAt.set(options, Date.now()), onResponse: learn })

    async function request(url: string, options: Options = {}): Promise<unknown> {
      const { pinned, ...others } = options
      const asked = describe(url, options)
      if (!asked) return send(url, others)
      const keyed = asked.isPost ? keyRequest(asked.person, asked.path, options.body, pinned) : null
      const headers = new Headers(options.headers as HeadersInit)
      if (keyed) headers.set('idempotency-key', keyed.key)
      // A hook of the request stands in the place of ours.
      const prepared = {
        ...others,
        headers,
        ...(others.onResponse && { onResponse: [learn, others.onResponse].flat() }),
        ...(keyed && { body: keyed.body as Options['body'] })
      }
      try {
        const answer = await sendAsPerson(url, prepared)
        if (keyed) settleRequest(asked.person, asked.path, options.body, pinned)
        return answer
      } catch (error) {
        if (keyed && !isOutcomeUnknown(statusOf(error))) settleRequest(asked.person, asked.path, options.body, pinned)
        throw error
      }
    }

    async function sendAsPerson(url: string, options: Options): Promise<unknown> {
      const token = session.value?.access_token
      try {
        return await send(url, options)
      } catch (error) {
        if (!token || !isSessionRefused(error) || !(await renewSession(token))) throw error
      }
      try {
        return await send(url, options)
      } catch (error) {
        if (isSessionRefused(error)) await endSession()
        throw error
      }
    }

    // `signed_out`: the token is none or has expired. `session_ended`: it is good still, and its session was revoked.
    function isSessionRefused(error: unknown): boolean {
      return statusOf(error) === 401 && ['signed_out', 'session_ended'].includes(codeOf(error) ?? '')
    }

    function describe(url: unknown, { method = 'GET' }: Options): Request | null {
      if (typeof url !== 'string') return null
      const path = url.startsWith('/') ? url.split('?', 1)[0]! : ''
      return path.startsWith('/api/')
        ? { path, isPost: method.toUpperCase() === 'POST', person: String(claimsOf(session.value?.access_token)?.sub ?? '') }
        : null
    }

    globalThis.$fetch = Object.assign(request, original) as typeof $fetch
  }
})

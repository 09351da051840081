import { learnFromToken } from '../app/server-time'

const maxAttempts = 3

/**
 * `fetch` for the Supabase client. Retries when the network fails, and synchronises the clock with issued tokens. If a session
 * cannot be renewed because of a rate limit or a server error, it returns 503: the client then keeps the session and retries,
 * whereas it ends the session after any other error.
 */
export async function sessionFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const answer = await fetchWithRetry(input, init)
  const url = new URL(input instanceof Request ? input.url : input)
  if (!url.pathname.endsWith('/token') && !url.pathname.endsWith('/verify')) return answer
  if (answer.ok) {
    const body = (await answer.clone().json()) as { access_token?: unknown }
    learnFromToken(body.access_token)
    return answer
  }
  const isTransient = answer.status === 429 || answer.status >= 500
  return isTransient && url.searchParams.get('grant_type') === 'refresh_token'
    ? new Response(answer.body, { status: 503, headers: answer.headers })
    : answer
}

async function fetchWithRetry(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetch(input, init)
    } catch (error) {
      if (init?.signal?.aborted || attempt === maxAttempts) throw error
      await new Promise(resolve => setTimeout(resolve, 100 * attempt))
    }
  }
}

import { learnFromToken } from '../app/server-time'

const tries = 3

/**
 * `fetch` for the Supabase client. Tries again when the network fails, learns the server's time from issued tokens, and
 * answers 503 where a session could not be renewed for want of budget or by a fault of the server: the client keeps the
 * session then and tries again, but ends it after any other refusal.
 */
export async function sessionFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const answer = await fetchAgain(input, init)
  const url = new URL(input instanceof Request ? input.url : input)
  if (!url.pathname.endsWith('/token') && !url.pathname.endsWith('/verify')) return answer
  if (answer.ok) {
    const body = (await answer.clone().json()) as { access_token?: unknown }
    learnFromToken(body.access_token)
    return answer
  }
  const mayPass = answer.status === 429 || answer.status >= 500
  return mayPass && url.searchParams.get('grant_type') === 'refresh_token'
    ? new Response(answer.body, { status: 503, headers: answer.headers })
    : answer
}

async function fetchAgain(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetch(input, init)
    } catch (error) {
      if (init?.signal?.aborted || attempt === tries) throw error
      await new Promise(resolve => setTimeout(resolve, 100 * attempt))
    }
  }
}

import { createEvent, type H3Event } from 'h3'

const prefix = '/api/v1'

/**
 * Answers `/api/v1/…` as `/api/teams/<the key's team>/…` in this process. Throws 401 without a key. The rest of the path is passed on
 * unchanged, which is safe: the router resolves neither `..` nor escapes, and `authUser` answers 404 for any team but the key's.
 */
export async function answerFromOwnTeam(event: H3Event): Promise<unknown> {
  const { team_id } = await requireApiKey(event)
  const { req, res } = event.node
  req.url = `/api/teams/${team_id}${event.path.slice(prefix.length)}`
  // The path of an event never changes, so the router gets a new event for the same request, with the same caller.
  const forwarded = createEvent(req, res)
  forwarded.context = event.context
  return useNitroApp().router.handler(forwarded)
}

import type { H3Event } from 'h3'

const prefix = '/api/v1'

/**
 * Answers `/api/v1/…` as `/api/teams/<the key's team>/…`, inside of this process. What follows the prefix is taken as it
 * came: the router resolves neither `..` nor escapes, and whatever it finds asks `authUser`, for which another team than
 * the key's does not exist. Throws 401 without a key.
 */
export async function answerFromOwnTeam(event: H3Event): Promise<unknown> {
  const { team_id } = await requireApiKey(event)
  event._path = event.node.req.url = `/api/teams/${team_id}${event.path.slice(prefix.length)}`
  return useNitroApp().router.handler(event)
}

import type { H3Event } from 'h3'
import { isInternalRequest } from '../utils/internal-request'
import { stringifyInPieces, isJson } from '../utils/pieces'

// h3 would stringify an answer of any size at once and block the event loop.
export default defineNitroPlugin(nitroApp => {
  nitroApp.hooks.hook('beforeResponse', async (event, response) => {
    const { endPageTurn } = event.context as { endPageTurn?: () => void }
    if (!isInternalRequest(event)) endPageTurn?.() // requests of the page come while it is still rendered
    if (!event.path.startsWith('/api/') || !isJson(response.body)) return
    const principal = await principalOf(event)
    const json = await writeJson(event, response.body, principal)
    if (principal) await countAnswer(event, principal, Buffer.byteLength(json))
    setHeader(event, 'content-type', 'application/json')
    response.body = json
  })
})

// The whole answer is stringified before it is sent, so that a slow reader does not hold a turn.
async function writeJson(event: H3Event, body: object, principal = 'nobody'): Promise<string | Buffer> {
  const pieces = stringifyInPieces(body)
  if (!pieces) return JSON.stringify(body)
  const write = async () => {
    const buffers: Buffer[] = []
    for await (const piece of pieces) buffers.push(Buffer.from(piece))
    return Buffer.concat(buffers)
  }
  // Only a GET waits for a turn: a committed change must not be answered with 429.
  return event.method === 'GET' ? inAnswerTurn(event, principal, write) : write()
}

// Undefined when the request was refused before its caller was known.
async function principalOf(event: H3Event): Promise<string | undefined> {
  const caller = event.context.caller as ReturnType<typeof getCaller> | undefined
  return caller?.then(
    ({ principal }) => principal,
    () => undefined
  )
}

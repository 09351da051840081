import type { H3Event } from 'h3'
import { stringifyInPieces, isJson } from '../utils/pieces'

// h3 would turn an answer of any size into JSON in one go and block the event loop.
export default defineNitroPlugin(nitroApp => {
  nitroApp.hooks.hook('beforeResponse', async (event, response) => {
    const { endPageTurn } = event.context as { endPageTurn?: () => void }
    if (!('__unenv__' in event.node.req)) endPageTurn?.() // a request of a page while it is rendered
    if (!event.path.startsWith('/api/') || !isJson(response.body)) return
    const principal = await principalOf(event)
    const json = await writeJson(event, response.body, principal)
    if (principal) await countAnswer(event, principal, Buffer.byteLength(json))
    setHeader(event, 'content-type', 'application/json')
    response.body = json
  })
})

// A long answer is written before it is sent, so that a slow reader does not hold a turn.
async function writeJson(event: H3Event, body: object, principal = 'nobody'): Promise<string | Buffer> {
  const pieces = stringifyInPieces(body)
  if (!pieces) return JSON.stringify(body)
  const write = async () => {
    const buffers: Buffer[] = []
    for await (const piece of pieces) buffers.push(Buffer.from(piece))
    return Buffer.concat(buffers)
  }
  // A change that is committed is not answered with 429.
  return event.method === 'GET' ? inAnswerTurn(event, principal, write) : write()
}

// Undefined where the request was refused before its caller was known.
async function principalOf(event: H3Event): Promise<string | undefined> {
  const caller = event.context.caller as ReturnType<typeof getCaller> | undefined
  return caller?.then(
    ({ principal }) => principal,
    () => undefined
  )
}

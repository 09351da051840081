import type { H3Event } from 'h3'
import { stringifyInPieces, isJson } from '../utils/pieces'

// The framework would turn an answer of any size into JSON at once.
export default defineNitroPlugin(nitroApp => {
  nitroApp.hooks.hook('beforeResponse', async (event, response) => {
    const { endPageTurn } = event.context as { endPageTurn?: () => void }
    if (!('__unenv__' in event.node.req)) endPageTurn?.() // not what a page asks while it is rendered
    if (!event.path.startsWith('/api/') || !isJson(response.body)) return
    const principal = await principalOf(event)
    const json = await writeJson(event, response.body, principal)
    if (principal) await countAnswer(event, principal, Buffer.byteLength(json))
    setHeader(event, 'content-type', 'application/json')
    response.body = json
  })
})

// A long answer is written as a whole before it is sent: a reader who takes it slowly keeps no turn.
async function writeJson(event: H3Event, body: object, principal = 'nobody'): Promise<string | Buffer> {
  const pieces = stringifyInPieces(body)
  if (!pieces) return JSON.stringify(body)
  const write = async () => {
    const buffers: Buffer[] = []
    for await (const piece of pieces) buffers.push(Buffer.from(piece))
    return Buffer.concat(buffers)
  }
  // What was written is not answered with a refusal.
  return event.method === 'GET' ? inAnswerTurn(event, principal, write) : write()
}

// Nobody, where the request was refused before its caller was known.
async function principalOf(event: H3Event): Promise<string | undefined> {
  const caller = event.context.caller as ReturnType<typeof getCaller> | undefined
  return caller?.then(
    ({ principal }) => principal,
    () => undefined
  )
}

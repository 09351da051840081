import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { createRequire } from 'node:module'
import { buffer } from 'node:stream/consumers'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import type { CursorPage, Ticket, WebhookDelivery, WebhookWithSecret } from '#shared/types/api'
import { api, database, newTeam } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { ann, bob } from '../support/world.ts'

interface Node {
  name: string
  parameters: {
    method: string
    url: string
    jsonBody: string
    jsCode: string
    headerParameters: { parameters: { name: string; value: string }[] }
  }
}
interface Outcome {
  json: { delivery: string; type: string; number: number; subject: string }
}

const { nodes, connections } = JSON.parse(readFileSync('docs/n8n-workflow.json', 'utf8')) as {
  nodes: Node[]
  connections: Record<string, { main: { node: string }[][] }>
}
const parametersOf = (name: string) => nodes.find(node => node.name === name)!.parameters

/** What stands between `{{` and `}}` of a parameter, filled in. */
function evaluate(parameter: string, values: Record<string, string>): string {
  return parameter.replace(/^=/, '').replace(/\{\{ \$([\w.]+) \}\}/g, (_, name: string) => values[name]!)
}

/** The Code node of the workflow, with what n8n gives one. */
async function verify(secret: string, rawBody: Buffer, headers: IncomingHttpHeaders): Promise<Outcome[]> {
  const require = createRequire(import.meta.url)
  const node = runInNewContext(`(async function () {\n${parametersOf('Verify the signature').jsCode}\n})`, {
    Buffer,
    require: (module: string) => {
      expect(module).toBe('crypto')
      return require(module) as unknown
    },
    $env: { SWITCHBOARD_WEBHOOK_SECRET: secret },
    $input: { first: () => ({ json: { headers } }) }
  }) as () => Promise<Outcome[]>
  return node.call({ helpers: { getBinaryDataBuffer: () => Promise.resolve(rawBody) } })
}

/** Somewhere that this server may call, and what arrives there. */
async function receiver() {
  const received: { body: Buffer; headers: IncomingHttpHeaders }[] = []
  const server = createServer(async (request, response) => {
    received.push({ body: await buffer(request), headers: request.headers })
    response.end()
  })
  const port = product().receiverPorts[0]!
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${port}/webhook/switchboard`, received }
}

test('the workflow for n8n creates a ticket with a key, and believes what Switchboard tells of it alone', async () => {
  const team = await newTeam()
  const { url, received } = await receiver()
  const {
    body: { secret, id: webhookId }
  } = await api<WebhookWithSecret>(ann, 'POST', `/teams/${team.id}/webhooks`, { name: 'n8n', url, events: ['ticket.created'] })
  const {
    body: { key },
    status: keyStatus
  } = await api<{ key: string }>(ann, 'POST', `/teams/${team.id}/api-keys`, { name: 'n8n', scopes: ['write', 'assign'] })
  expect(keyStatus).toBe(201)

  // The HTTP Request node, twice in one execution: its answer was lost, and it tries again.
  const node = parametersOf('Create a ticket')
  const values = { 'env.SWITCHBOARD_URL': product().baseUrl, 'workflow.id': randomUUID(), 'execution.id': '42' }
  const send = () =>
    fetch(evaluate(node.url, values), {
      method: node.method,
      headers: {
        'x-api-key': key,
        'content-type': 'application/json',
        ...Object.fromEntries(node.headerParameters.parameters.map(({ name, value }) => [name, evaluate(value, values)]))
      },
      body: node.jsonBody
    })
  const [first, again] = [await send(), await send()]
  expect([first.status, again.status]).toEqual([201, 201])
  const ticket = (await first.json()) as Ticket
  expect(await again.json()).toEqual(ticket)
  expect(ticket).toMatchObject({ ...(JSON.parse(node.jsonBody) as object), team_id: team.id, channel: 'api' })
  const [author] = await database()<{ kind: string }[]>`select kind from public.profiles where id = ${ticket.created_by}`
  expect(author).toEqual({ kind: 'service' })

  // With an assignee, as the guide to n8n has it.
  const assigned = await fetch(evaluate(node.url, values), {
    method: node.method,
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ ...(JSON.parse(node.jsonBody) as object), assigned_to: bob.id })
  })
  expect([assigned.status, ((await assigned.json()) as Ticket).assigned_to]).toEqual([201, bob.id])

  // The Webhook node hears of it, and the Code node behind it verifies what came.
  await expect.poll(() => received.length, { timeout: 15_000 }).toBe(2)
  expect(connections['Switchboard calls']!.main[0]![0]!.node).toBe('Verify the signature')
  const { body, headers } = received.find(
    ({ body }) => (JSON.parse(body.toString()) as { data: { ticket: Ticket } }).data.ticket.id === ticket.id
  )!
  const [outcome] = await verify(secret, body, headers)
  expect(outcome!.json).toEqual({
    delivery: headers['webhook-id'],
    type: 'ticket.created',
    number: ticket.ticket_number,
    subject: ticket.subject
  })

  await expect(verify('another secret', body, headers)).rejects.toThrow('not from Switchboard')
  await expect(verify(secret, Buffer.concat([body, Buffer.from(' ')]), headers)).rejects.toThrow('not from Switchboard')
  await expect(verify(secret, body, {})).rejects.toThrow('not from Switchboard')

  const { body: log } = await api<CursorPage<WebhookDelivery>>(ann, 'GET', `/teams/${team.id}/webhooks/${webhookId}/deliveries`)
  expect(log.data.map(({ state, type }) => [state, type])).toEqual([
    ['delivered', 'ticket.created'],
    ['delivered', 'ticket.created']
  ])
})

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

/** Fills in the `{{ $name }}` placeholders of a parameter. */
function evaluate(parameter: string, values: Record<string, string>): string {
  return parameter.replace(/^=/, '').replace(/\{\{ \$([\w.]+) \}\}/g, (_, name: string) => values[name]!)
}

/** Runs the Code node of the workflow with stubs of what n8n provides. */
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

/** A server on a port that the product may call; `received` collects its requests. */
async function startReceiver() {
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

test('the n8n workflow creates a ticket with an API key and accepts only webhooks that Switchboard has signed', async () => {
  const team = await newTeam()
  const { url, received } = await startReceiver()
  const {
    body: { secret, id: webhookId }
  } = await api<WebhookWithSecret>(ann, 'POST', `/teams/${team.id}/webhooks`, { name: 'n8n', url, events: ['ticket.created'] })
  const {
    body: { key },
    status: keyStatus
  } = await api<{ key: string }>(ann, 'POST', `/teams/${team.id}/api-keys`, { name: 'n8n', scopes: ['write', 'assign'] })
  expect(keyStatus).toBe(201)

  // The HTTP Request node runs twice in one execution, as if its first answer was lost and it retries.
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

  // With an assignee, as in the guide to n8n.
  const assigned = await fetch(evaluate(node.url, values), {
    method: node.method,
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ ...(JSON.parse(node.jsonBody) as object), assigned_to: bob.id })
  })
  expect([assigned.status, ((await assigned.json()) as Ticket).assigned_to]).toEqual([201, bob.id])

  // The Webhook node receives the delivery, and the Code node behind it verifies the signature.
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

  // The receiver has answered before the attempt is recorded.
  await expect
    .poll(async () => {
      const { body: log } = await api<CursorPage<WebhookDelivery>>(ann, 'GET', `/teams/${team.id}/webhooks/${webhookId}/deliveries`)
      return log.data.map(({ state, type }) => [state, type])
    })
    .toEqual([
      ['delivered', 'ticket.created'],
      ['delivered', 'ticket.created']
    ])
})

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createSocketServer, type AddressInfo, type Server as SocketServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import { readAllowed, type AddressPolicy } from '#server/adapters/address'
import { sendWebhook, signedHeaders, type SendOptions } from '#server/adapters/webhook'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const older = `whsec_${Buffer.alloc(24, 9).toString('base64')}`
const payload = '{"id":"11111111-1111-4111-8111-111111111111","type":"ticket.created","data":{"subject":"Ünïcode ✓"}}'
const webhook = { id: '11111111-1111-4111-8111-111111111111', payload, timestamp: Math.floor(Date.now() / 1000), secrets: [secret, older] }

const open: (Server | SocketServer)[] = []
const sockets = new Set<Socket>()
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of open.splice(0)) server.close()
})

/** Starts a server on a free port of 127.0.0.1. */
async function listen<T extends Server | SocketServer>(server: T): Promise<{ port: number; connections: () => number }> {
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  open.push(server)
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

const receiver = (answer: RequestListener) => listen(createServer(answer))
const policyFor = (...ports: number[]): AddressPolicy => ({
  allowed: readAllowed(ports.map(port => `127.0.0.1:${port}, receiver.example:${port}`).join()),
  ownHosts: []
})
const send = (url: string, options: Partial<SendOptions> = {}) =>
  sendWebhook({ ...webhook, url }, { policy: { allowed: [], ownHosts: [] }, ...options })
const toReceiver = (port: number, options: Partial<SendOptions> = {}) =>
  send(`http://127.0.0.1:${port}/hook?key=1`, { policy: policyFor(port), ...options })
const status =
  (code: number, headers: Record<string, string> = {}, body = '') =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(code, headers).end(body)

describe('a webhook delivery', () => {
  test('a delivery is one POST of the exact payload, signed with both secrets', async () => {
    const requests: { method?: string; url?: string; headers: IncomingMessage['headers']; body: Buffer }[] = []
    const { port } = await receiver(async (request, response) => {
      requests.push({ method: request.method, url: request.url, headers: request.headers, body: await buffer(request) })
      response.end('thanks')
    })
    expect(await toReceiver(port)).toEqual({ status: 200, error: null, response: 'thanks', retryAfter: null })
    const [{ method, url, headers, body }] = requests as [(typeof requests)[number]]
    expect([requests.length, method, url, body.toString()]).toEqual([1, 'POST', '/hook?key=1', payload])
    expect(headers).toMatchObject({
      'host': `127.0.0.1:${port}`,
      'content-type': 'application/json',
      'user-agent': 'Switchboard-Webhooks',
      'webhook-id': webhook.id,
      'webhook-timestamp': String(webhook.timestamp)
    })
    for (const key of [secret, older])
      expect(new Webhook(key).verify(body.toString(), headers as Record<string, string>)).toEqual(JSON.parse(payload))
    expect(() =>
      new Webhook(`whsec_${Buffer.alloc(32, 8).toString('base64')}`).verify(body.toString(), headers as Record<string, string>)
    ).toThrow()
    expect(String(headers['webhook-signature']).split(' ')).toHaveLength(2)
  })

  test('X-Ticketing-Signature is the hex HMAC of the body with the first secret', () => {
    const headers = signedHeaders({ ...webhook, payload: '{}', secrets: ['sixteen-characters', secret] })
    const expected = execFileSync('openssl', ['dgst', '-sha256', '-hmac', 'sixteen-characters', '-r'], { input: '{}' })
      .toString()
      .split(' ')[0]
    expect(headers['X-Ticketing-Signature']).toBe(`sha256=${expected}`)
    expect(new Webhook('sixteen-characters', { format: 'raw' }).verify('{}', headers)).toEqual({})
  })

  test.each([
    [200, null],
    [201, null],
    [204, null],
    [299, null],
    [301, 'redirect'],
    [302, 'redirect'],
    [307, 'redirect'],
    [308, 'redirect'],
    [304, 'redirect'],
    [400, 'status'],
    [401, 'status'],
    [404, 'status'],
    [410, 'gone'],
    [429, 'status'],
    [500, 'status'],
    [503, 'status']
  ])('an answer with status %d has the error %s', async (code, error) => {
    const { port } = await receiver(status(code))
    expect(await toReceiver(port)).toMatchObject({ status: code, error })
  })

  test('a delivery keeps the first 4 kB of the answer, cut between characters', async () => {
    const { port } = await receiver(status(500, {}, `\0${'é'.repeat(10_000)}`))
    const { response } = await toReceiver(port)
    expect(response).toMatch(/^é+$/)
    expect(Buffer.byteLength(response!)).toBeGreaterThan(4_000)
    expect(Buffer.byteLength(response!)).toBeLessThanOrEqual(4_096)
  })

  test('secrets and signatures that an answer repeats are redacted', async () => {
    const { port } = await receiver(
      (request, response) =>
        void response
          .writeHead(400)
          .end(
            `You sent ${JSON.stringify(request.headers)} with ${secret} or ${older.slice(6)}, ${JSON.stringify(secret).replaceAll('/', '\\/')}`
          )
    )
    const { response } = await toReceiver(port)
    const headers = signedHeaders(webhook)
    expect(response).toContain('"webhook-id":"11111111-1111-4111-8111-111111111111"')
    expect(response).toContain('"webhook-signature":"v1,[masked] v1,[masked]"')
    for (const kept of [
      secret,
      secret.slice(6),
      older.slice(6),
      headers['X-Ticketing-Signature']!.slice(7),
      ...headers['webhook-signature']!.split(' ').map(one => one.slice(3))
    ])
      expect(response).not.toContain(kept)
  })

  test.each([
    [429, '120', 120],
    [503, '120', 120],
    [503, 'Wed, 21 Oct 2099 07:28:00 GMT', 86_400],
    [503, 'Wed, 21 Oct 2015 07:28:00 GMT', 0],
    [503, '999999999', 86_400],
    [503, 'soon', null],
    [503, '-5', 0],
    [500, '120', null]
  ])('an answer with status %d and Retry-After "%s" asks to wait %s seconds', async (code, header, seconds) => {
    const { port } = await receiver(status(code, { 'retry-after': header }))
    expect((await toReceiver(port)).retryAfter).toBe(seconds)
  })
})

describe('the receiver of a webhook delivery', () => {
  test('redirects are not followed', async () => {
    const hidden = await receiver(status(200))
    for (const code of [301, 302, 303, 307, 308]) {
      for (const location of [`http://127.0.0.1:${hidden.port}/`, `//127.0.0.1:${hidden.port}/`, 'file:///etc/passwd', '/again']) {
        const { port, connections } = await receiver(status(code, { location }))
        expect(await toReceiver(port, { policy: policyFor(port, hidden.port) })).toMatchObject({ status: code, error: 'redirect' })
        expect(connections()).toBe(1)
      }
    }
    expect(hidden.connections()).toBe(0)
  })

  test('reading an endless body stops after 64 kB', async () => {
    let written = 0
    const { port } = await receiver((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384, 'x'))) written += 16_384
      }
      response.on('drain', more)
      more()
    })
    const started = performance.now()
    const { error, response } = await toReceiver(port)
    expect([error, response!.length]).toEqual([null, 4_093])
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(written).toBeLessThan(50_000_000)
  })

  test.each<[string, (socket: Socket) => unknown]>([
    ['nothing', () => null],
    ['half a status line', socket => socket.write('HTTP/1.1 20')],
    [
      'slow headers',
      socket => {
        socket.write('HTTP/1.1 200 OK\r\n')
        const timer = setInterval(() => socket.write('X: y\r\n'), 50)
        socket.on('close', () => clearInterval(timer))
      }
    ],
    [
      'a slow body',
      socket => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
        const timer = setInterval(() => socket.write('x'), 50)
        socket.on('close', () => clearInterval(timer))
      }
    ],
    [
      'endless early hints',
      socket => {
        const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'), 50)
        socket.on('close', () => clearInterval(timer))
      }
    ]
  ])('a delivery is given up after its total timeout when the receiver sends %s', async (_, behave) => {
    const { port } = await listen(
      createSocketServer(socket => {
        socket.on('error', () => socket.destroy())
        behave(socket)
      })
    )
    const started = performance.now()
    expect(await toReceiver(port, { timeoutMs: 400 })).toEqual({ status: null, error: 'timeout', response: null, retryAfter: null })
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  test.each<[string, string, string]>([
    ['too_large', 'endless headers', `HTTP/1.1 200 OK\r\n${'x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n'.repeat(10_000)}\r\n`],
    ['protocol', 'another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['protocol', 'two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx'],
    ['refused', 'a closed connection', '']
  ])('a delivery has the error %s after %s', async (error, _, answer) => {
    const { port } = await listen(
      createSocketServer(socket => {
        socket.on('error', () => socket.destroy())
        socket.end(answer)
      })
    )
    expect(await toReceiver(port)).toMatchObject({ status: null, error })
  })

  test('a delivery has the error refused when no server listens', async () => {
    const { port } = await receiver(status(200))
    open.pop()!.close()
    expect(await toReceiver(port)).toMatchObject({ status: null, error: 'refused' })
  })

  test('the receiver needs a trusted certificate for its host name', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'switchboard-tls-'))
    const known = getCACertificates('default')
    try {
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-days',
          '2',
          '-subj',
          '/CN=receiver.example',
          '-addext',
          'subjectAltName=DNS:receiver.example',
          '-keyout',
          'key.pem',
          '-out',
          'cert.pem'
        ],
        { cwd: directory, stdio: 'ignore' }
      )
      const [key, cert] = ['key.pem', 'cert.pem'].map(file => readFileSync(join(directory, file), 'utf8')) as [string, string]
      const { port } = await listen(createSecureServer({ key, cert }, status(200)))
      const resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }])
      const named = () => send(`https://receiver.example:${port}/`, { policy: policyFor(port), resolve })
      expect(await named()).toMatchObject({ status: null, error: 'tls' })
      setDefaultCACertificates([...known, cert])
      expect(await named()).toMatchObject({ status: 200, error: null })
      expect(await send(`https://127.0.0.1:${port}/`, { policy: policyFor(port) })).toMatchObject({ status: null, error: 'tls' })
      const { port: plain } = await receiver(status(200))
      expect(await send(`https://127.0.0.1:${plain}/`, { policy: policyFor(plain) })).toMatchObject({ status: null, error: 'tls' })
    } finally {
      setDefaultCACertificates(known)
      rmSync(directory, { recursive: true })
    }
  })
})

describe('the address of a delivery', () => {
  test('the address is checked again when the delivery is sent', async () => {
    const { port, connections } = await receiver(status(200))
    for (const url of [
      `http://127.0.0.1:${port}/`,
      `http://2130706433:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      `http://localhost:${port}/`,
      `http://ok.example@127.0.0.1:${port}/`,
      'ftp://example.com/'
    ]) {
      expect(await send(url)).toEqual({ status: null, error: 'private_address', response: null, retryAfter: null })
    }
    expect(connections()).toBe(0)
  })

  test('a public name that resolves to a private address, even among others, is refused', async () => {
    const { connections } = await receiver(status(200))
    for (const addresses of [['127.0.0.1'], ['93.184.215.14', '127.0.0.1'], ['::1'], ['169.254.169.254']]) {
      expect(
        await send('http://rebinding.example/', {
          resolve: () => Promise.resolve(addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })))
        })
      ).toMatchObject({ error: 'private_address' })
    }
    expect(connections()).toBe(0)
  })

  test('a name is resolved once, and the connection goes to the checked address', async () => {
    // The name resolves to another address at each look-up (DNS rebinding).
    const first = await receiver(status(200, {}, 'first'))
    let lookups = 0
    const resolve = () => Promise.resolve([{ address: ++lookups === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }])
    expect(await send(`http://receiver.example:${first.port}/`, { policy: policyFor(first.port), resolve })).toMatchObject({
      status: 200,
      response: 'first'
    })
    expect(lookups).toBe(1)
    expect(await send('http://hooks.example/', { resolve: () => Promise.resolve([]) })).toMatchObject({ status: null, error: 'dns' })
  })

  test('a socket that is connected to another address is closed before any byte is sent', async () => {
    // 0.0.0.0 was checked; the system connects to 127.0.0.1.
    const requests: unknown[] = []
    const { port, connections } = await receiver((request, response) => {
      requests.push(request.url)
      response.end('reached')
    })
    const resolve = () => Promise.resolve([{ address: '0.0.0.0', family: 4 }])
    expect(await send(`http://receiver.example:${port}/`, { policy: policyFor(port), resolve })).toEqual({
      status: null,
      error: 'private_address',
      response: null,
      retryAfter: null
    })
    expect([connections(), requests]).toEqual([1, []])
  })

  test('proxies of the environment are ignored', async () => {
    const proxy = await receiver(status(200, {}, 'proxied'))
    const { port } = await receiver(status(200, {}, 'direct'))
    const before = { ...process.env }
    Object.assign(process.env, {
      HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
      http_proxy: `http://127.0.0.1:${proxy.port}`,
      ALL_PROXY: `http://127.0.0.1:${proxy.port}`,
      NODE_USE_ENV_PROXY: '1'
    })
    try {
      expect(await toReceiver(port)).toMatchObject({ response: 'direct' })
      expect(proxy.connections()).toBe(0)
    } finally {
      process.env = before
    }
  })

  test('a delivery times out when the name never resolves', async () => {
    expect(await send('http://hooks.example/', { timeoutMs: 200, resolve: () => new Promise(() => {}) })).toMatchObject({
      error: 'timeout'
    })
  })
})

test('sendWebhook rejects when the server shuts down', async () => {
  const { port } = await receiver(() => {})
  const stopping = new AbortController()
  const sent = toReceiver(port, { stopping: stopping.signal })
  setTimeout(() => stopping.abort(), 50)
  await expect(sent).rejects.toThrow()
})

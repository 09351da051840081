import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { trackUnsent, unsentBytes } from '#server/utils/unsent'

const bytes = 40_000_000 // more than the socket buffers of the system hold

async function withServer(seconds: number, work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((_, response) => {
    trackUnsent('bob', bytes, response, seconds)
    response.end(Buffer.alloc(bytes))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    await work((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function openRequest(port: number) {
  const socket = connect(port, '127.0.0.1').pause()
  await once(socket, 'connect')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  while (unsentBytes('bob') === 0) await sleep(5)
  return socket
}

test('unsentBytes counts an answer until its reader has received it', () =>
  withServer(60, async port => {
    const socket = await openRequest(port)
    await sleep(100)
    expect(unsentBytes('bob')).toBe(bytes)
    expect(unsentBytes('ann')).toBe(0)
    socket.resume()
    while (unsentBytes('bob') > 0) await sleep(5)
    socket.destroy()
  }))

test('unsentBytes drops an answer when its reader disconnects', () =>
  withServer(60, async port => {
    ;(await openRequest(port)).destroy()
    while (unsentBytes('bob') > 0) await sleep(5)
  }))

test('trackUnsent closes the connection of a reader who reads nothing', () =>
  withServer(0.2, async port => {
    const socket = await openRequest(port)
    socket.on('error', () => {}) // reset
    while (unsentBytes('bob') > 0) await sleep(5)
    socket.resume()
    await once(socket, 'close')
  }))

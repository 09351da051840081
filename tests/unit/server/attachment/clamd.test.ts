import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { configureScanner, readAnswer, scanFile } from '#server/adapters/clamd'

// The protocol's edges, which the real scanner shows rarely. tests/api/clamd.test.ts runs the real one.
let server: Server | undefined
afterEach(() => {
  server?.close()
  configureScanner({ host: '', port: 3310 })
})

async function listen(onConnection: (socket: Socket) => void): Promise<void> {
  server = createServer(onConnection).listen(0, '127.0.0.1')
  await once(server, 'listening')
  configureScanner({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, timeoutMs: 300 })
}

async function* pieces(...contents: Uint8Array[]) {
  yield* contents
}

describe('scanFile', () => {
  test('sends the command, chunks with their length, and an empty chunk', async () => {
    const received: Buffer[] = []
    await listen(socket => {
      socket.on('data', data => {
        received.push(data)
        if (Buffer.concat(received).subarray(-4).equals(Buffer.alloc(4))) socket.end('stream: OK\0')
      })
    })
    expect(await scanFile(pieces(Buffer.from('abc'), Buffer.from('d')))).toEqual({ state: 'clean' })
    expect(Buffer.concat(received).toString('latin1')).toBe('zINSTREAM\0\0\0\0\x03abc\0\0\0\x01d\0\0\0\0')
  })

  test('a closed port, a silent scanner and a connection that is reset are unscanned', async () => {
    await listen(() => {})
    expect(await scanFile(pieces(Buffer.from('x')))).toMatchObject({
      state: 'unscanned',
      reason: expect.stringContaining('in time') as string
    })
    server!.close()
    await listen(socket => socket.resetAndDestroy())
    expect(await scanFile(pieces(Buffer.alloc(1_000_000)))).toMatchObject({ state: 'unscanned' })
    configureScanner({ host: '127.0.0.1', port: 1 })
    expect(await scanFile(pieces(Buffer.from('x')))).toMatchObject({
      state: 'unscanned',
      reason: expect.stringContaining('ECONNREFUSED') as string
    })
  })

  test('without a scanner every file is unscanned', async () => {
    expect(await scanFile(pieces(Buffer.from('x')))).toMatchObject({ state: 'unscanned' })
  })
})

test('any answer but OK and FOUND is unscanned', () => {
  expect(readAnswer('stream: OK\0')).toEqual({ state: 'clean' })
  expect(readAnswer('stream: Win.Test-1 FOUND\0')).toEqual({ state: 'infected', signature: 'Win.Test-1' })
  for (const answer of [
    '',
    'OK',
    'stream: OK OK',
    'stream: OKstream: OK\0',
    'INSTREAM size limit exceeded. ERROR\0',
    'stream: x ERROR\0',
    'stream: FOUND\0',
    'UNKNOWN COMMAND'
  ])
    expect(readAnswer(answer).state, answer).toBe('unscanned')
  expect(readAnswer('stream: OK\0', new Error('reset')).state).toBe('unscanned')
})

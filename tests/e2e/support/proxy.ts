import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'

/** An HTTP proxy between one browser and the machine, whose websockets can be cut. */
export interface CuttableProxy {
  /** For Playwright's `proxy.server`. */
  url: string
  /** Ends the open websockets, and refuses new ones until `mend`. */
  cut(): void
  mend(): void
  /** Passes the content of answers for `path` through `change`. */
  rewrite(path: string, change: (content: string) => string): void
  stop(): Promise<void>
}

export async function startProxy(): Promise<CuttableProxy> {
  const tunnels = new Set<Socket>()
  const changes = new Map<string, (content: string) => string>()
  let isCut = false
  const server = createServer((incoming, outgoing) => {
    const change = changes.get(new URL(incoming.url!).pathname)
    const { 'accept-encoding': _encoding, 'if-none-match': _tag, 'if-modified-since': _date, ...plain } = incoming.headers
    const forwarded = send(incoming.url!, { method: incoming.method, headers: change ? plain : incoming.headers }, async answer => {
      if (change) {
        const { 'content-length': _length, ...others } = answer.headers
        outgoing.writeHead(answer.statusCode!, others)
        outgoing.end(change(await text(answer)))
        return
      }
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    forwarded.on('error', error => outgoing.destroy(error))
    incoming.pipe(forwarded)
  })
  // Browsers open a tunnel for websockets only: everything else here is plain HTTP.
  server.on('connect', (incoming, client: Socket, head) => {
    if (isCut) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
      return
    }
    const [hostname, port] = incoming.url!.split(':')
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
    for (const socket of [client, upstream]) {
      tunnels.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        tunnels.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true
      for (const socket of tunnels) socket.destroy()
    },
    mend() {
      isCut = false
    },
    rewrite(path, change) {
      changes.set(path, change)
    },
    async stop() {
      server.closeAllConnections()
      for (const socket of tunnels) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    }
  }
}

import { connect } from 'node:net'

/** `unscanned`: the scanner gave no clear answer, for the `reason`. Such a file is never treated as clean. */
export type ScanResult = { state: 'clean' } | { state: 'infected'; signature: string } | { state: 'unscanned'; reason: string }

export interface ScannerSettings {
  /** Empty: there is no scanner. */
  host: string
  port: number
  /** Without any traffic on the connection. */
  timeoutMs?: number
}

const chunkBytes = 65_536
const maxAnswerBytes = 4_096

let settings: ScannerSettings = { host: '', port: 3310 }

export function configureScanner(given: ScannerSettings): void {
  settings = given
}

export function hasScanner(): boolean {
  return settings.host !== ''
}

/** Sends `content` to clamd (zINSTREAM, see clamd(8)). Never throws for what the scanner does: any answer but OK and FOUND is unscanned. */
export async function scanFile(content: AsyncIterable<Uint8Array>): Promise<ScanResult> {
  if (!hasScanner()) return { state: 'unscanned', reason: 'no scanner is configured' }
  const socket = connect({ host: settings.host, port: settings.port })
  socket.setTimeout(settings.timeoutMs ?? 30_000, () => socket.destroy(new Error('the scanner did not answer in time')))
  let answer = ''
  socket.on('data', (data: Buffer) => {
    answer += data.toString('latin1')
    if (answer.length > maxAnswerBytes) socket.destroy(new Error('the answer of the scanner is too long'))
  })
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  let failure: Error | undefined
  socket.on('error', error => (failure ??= error))
  // A socket that is gone never drains.
  const write = async (bytes: Uint8Array) => {
    if (!socket.destroyed && !socket.write(bytes)) await Promise.race([new Promise(resolve => socket.once('drain', resolve)), closed])
  }
  try {
    await write(Buffer.from('zINSTREAM\0'))
    for await (const piece of content) {
      for (let at = 0; at < piece.length; at += chunkBytes) {
        const chunk = piece.subarray(at, at + chunkBytes)
        const length = Buffer.alloc(4)
        length.writeUInt32BE(chunk.length)
        await write(length)
        await write(chunk)
      }
      // clamd answers early and closes when the stream exceeds its limit.
      if (socket.destroyed || socket.readableEnded) break
    }
    await write(Buffer.alloc(4))
    await closed
  } finally {
    socket.destroy()
  }
  return readAnswer(answer, failure)
}

/** Reads `stream: OK`, `stream: <signature> FOUND`, and everything else as unscanned. */
export function readAnswer(answer: string, failure?: Error): ScanResult {
  const line = answer.replace(/[\0\n]+$/, '')
  const signature = /^stream: ([^\0\n]{1,200}) FOUND$/.exec(line)?.[1]
  if (signature) return { state: 'infected', signature: signature.replace(/[^\x20-\x7e]/g, '?') }
  if (line === 'stream: OK' && !failure) return { state: 'clean' }
  return { state: 'unscanned', reason: failure?.message ?? (line.slice(0, 200) || 'the scanner closed the connection without an answer') }
}

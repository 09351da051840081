import { open, unlink, type FileHandle } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const readBytes = 64 * 1024
// Half of what a socket reads at once, so that what it has read does not wait for the next.
const writeBytes = 32 * 1024

/**
 * A file between a fast writer (the database) and a slow reader (the network). It is unlinked while open, so that it disappears with the
 * process.
 */
export class Spool {
  #size = 0
  #state: 'writing' | 'complete' | Error = 'writing'
  #changed = Promise.withResolvers<boolean>()
  readonly #file: FileHandle

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async open(): Promise<Spool> {
    const path = join(tmpdir(), `switchboard-${randomUUID()}.spool`)
    const file = await open(path, 'wx+', 0o600)
    await unlink(path)
    return new Spool(file)
  }

  /** Writes all of `pieces`. An error of `pieces` is thrown here and by `read`. */
  async write(pieces: AsyncIterable<Buffer | string>): Promise<void> {
    try {
      let buffered: Buffer[] = []
      let length = 0
      const flush = async () => {
        await this.#append(buffered)
        buffered = []
        length = 0
      }
      for await (const piece of pieces) {
        const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece)
        buffered.push(bytes)
        length += bytes.length
        if (length >= writeBytes) await flush()
      }
      await flush()
      this.#setState('complete')
    } catch (error) {
      this.#setState(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }

  /** Reads the file from its beginning, and waits for more until it is complete. */
  async *read(): AsyncGenerator<Buffer> {
    for (let at = 0; ;) {
      const changed = this.#changed.promise
      if (at < this.#size) {
        const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(Math.min(readBytes, this.#size - at)), 0, undefined, at)
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
      } else if (this.#state instanceof Error) {
        throw this.#state
      } else if (this.#state === 'complete') {
        return
      } else {
        await changed
      }
    }
  }

  /** The first `length` bytes of what has been written, or all of it if it is shorter. */
  async readHead(length: number): Promise<Buffer> {
    const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(Math.min(length, this.#size)), 0, undefined, 0)
    return buffer.subarray(0, bytesRead)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #append(pieces: Buffer[]): Promise<void> {
    for (let rest = pieces.filter(({ length }) => length > 0); rest.length > 0;) {
      const { bytesWritten } = await this.#file.writev(rest, this.#size)
      this.#size += bytesWritten
      this.#setState('writing')
      rest = dropBytes(rest, bytesWritten)
    }
  }

  #setState(state: 'writing' | 'complete' | Error): void {
    this.#state = state
    const { resolve } = this.#changed
    this.#changed = Promise.withResolvers()
    resolve(true)
  }
}

/** What is left of `pieces` after their first `count` bytes. */
function dropBytes(pieces: Buffer[], count: number): Buffer[] {
  let left = count
  return pieces.flatMap(piece => {
    const dropped = Math.min(left, piece.length)
    left -= dropped
    return dropped < piece.length ? [piece.subarray(dropped)] : []
  })
}

import { open, unlink, type FileHandle } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// A hundred uploads at once hold at most a few of these each.
const pieceBytes = 64 * 1024

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
        await this.#append(buffered.length === 1 ? buffered[0]! : Buffer.concat(buffered))
        buffered = []
        length = 0
      }
      for await (const piece of pieces) {
        const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece)
        buffered.push(bytes)
        length += bytes.length
        if (length >= pieceBytes) await flush()
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
        const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(Math.min(pieceBytes, this.#size - at)), 0, undefined, at)
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

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #append(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;)
      done += (await this.#file.write(bytes, done, bytes.length - done, this.#size + done)).bytesWritten
    this.#size += bytes.length
    this.#setState('writing')
  }

  #setState(state: 'writing' | 'complete' | Error): void {
    this.#state = state
    const { resolve } = this.#changed
    this.#changed = Promise.withResolvers()
    resolve(true)
  }
}

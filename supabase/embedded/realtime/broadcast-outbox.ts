import { userPayload } from './broadcast.ts'
import type { StoredMessage } from './messages.ts'
import type { Frame } from './serializer.ts'

/**
 * Orders the broadcasts of a joining channel. It holds live broadcasts until the join is answered, sends replayed messages
 * first, and drops live copies of replayed messages.
 */
export class BroadcastOutbox {
  readonly #send: (frame: Frame) => void
  readonly #maxHeldBytes: number
  readonly #onOverflow: () => void
  readonly #replayed = new Set<string>()
  #held: { id: string | undefined; frame: Frame }[] | null = []
  #heldBytes = 0

  constructor(send: (frame: Frame) => void, limit: { maxHeldBytes: number; onOverflow: () => void }) {
    this.#send = send
    this.#maxHeldBytes = limit.maxHeldBytes
    this.#onOverflow = limit.onOverflow
  }

  add(id: string | undefined, frame: Frame): void {
    if (this.#held) {
      this.#heldBytes += frame.length
      if (this.#heldBytes > this.#maxHeldBytes) this.#onOverflow()
      else this.#held.push({ id, frame })
    } else if (id === undefined || !this.#replayed.has(id)) this.#send(frame)
  }

  /** Sends the stored messages through `replay` as JSON text, then the held broadcasts. Later ones are sent at once. */
  open(stored: StoredMessage[], replay: (payload: string) => void): void {
    for (const { id, event, payload } of stored) {
      this.#replayed.add(id)
      const message = { event, metadata: '', encoding: 'json' as const, payload: Buffer.from(payload, 'utf8') }
      replay(userPayload(message, JSON.stringify({ replayed: true, id })))
    }
    const held = this.#held ?? []
    this.#held = null
    for (const { id, frame } of held) this.add(id, frame)
  }
}

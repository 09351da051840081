import { randomUUID } from 'node:crypto'
import type { JsonObject } from './serializer.ts'

type Meta = JsonObject & { phx_ref: string }
type Metas = Record<string, { metas: Meta[] }>

export interface PresenceListener {
  receivePresence(diff: string): void
}

interface Room {
  /** The tracked state of each tracker, with its presence key. */
  tracked: Map<object, { key: string; meta: Meta; payload: string }>
  listeners: Set<PresenceListener>
  joins: [key: string, meta: Meta][]
  leaves: [key: string, meta: Meta][]
  timer: NodeJS.Timeout | undefined
}

// Changes within this time are sent as one diff.
const coalesceMs = 20

/** The presence state of all channels, in memory. */
export class PresenceHub {
  readonly #rooms = new Map<string, Room>()

  /** Adds a listener. @returns the current state as JSON text; later diffs apply to it */
  join(channel: string, listener: PresenceListener): string {
    const room = this.#room(channel)
    this.#flush(channel, room)
    room.listeners.add(listener)
    this.#rooms.set(channel, room)
    return JSON.stringify(metasOf([...room.tracked.values()].map(({ key, meta }) => [key, meta])))
  }

  leave(channel: string, listener: PresenceListener): void {
    const room = this.#room(channel)
    room.listeners.delete(listener)
    this.untrack(channel, listener)
    this.#discardIfEmpty(channel, room)
  }

  track(channel: string, tracker: object, presence: { key: string; payload: JsonObject }): void {
    const room = this.#room(channel)
    const payload = JSON.stringify(presence.payload)
    const before = room.tracked.get(tracker)
    if (before?.payload === payload) return
    const meta: Meta = { ...presence.payload, phx_ref: randomUUID() }
    if (before) {
      meta.phx_ref_prev = before.meta.phx_ref
      room.leaves.push([before.key, before.meta])
    }
    room.joins.push([presence.key, meta])
    room.tracked.set(tracker, { key: presence.key, meta, payload })
    this.#schedule(channel, room)
  }

  untrack(channel: string, tracker: object): void {
    const room = this.#room(channel)
    const before = room.tracked.get(tracker)
    if (!before) return
    room.tracked.delete(tracker)
    room.leaves.push([before.key, before.meta])
    this.#schedule(channel, room)
  }

  stop(): void {
    for (const room of this.#rooms.values()) clearTimeout(room.timer)
    this.#rooms.clear()
  }

  #room(channel: string): Room {
    return this.#rooms.get(channel) ?? { tracked: new Map(), listeners: new Set(), joins: [], leaves: [], timer: undefined }
  }

  #schedule(channel: string, room: Room): void {
    this.#rooms.set(channel, room)
    room.timer ??= setTimeout(() => this.#flush(channel, room), coalesceMs)
  }

  #flush(channel: string, room: Room): void {
    clearTimeout(room.timer)
    room.timer = undefined
    const left = new Set(room.leaves.map(([, meta]) => meta))
    const joined = new Set(room.joins.map(([, meta]) => meta))
    // A presence that joined and left between two diffs was never sent, so it appears in neither list.
    const joins = room.joins.filter(([, meta]) => !left.has(meta))
    const leaves = room.leaves.filter(([, meta]) => !joined.has(meta))
    room.joins = []
    room.leaves = []
    if (joins.length > 0 || leaves.length > 0) {
      const diff = JSON.stringify({ joins: metasOf(joins), leaves: metasOf(leaves) })
      for (const listener of room.listeners) listener.receivePresence(diff)
    }
    this.#discardIfEmpty(channel, room)
  }

  #discardIfEmpty(channel: string, room: Room): void {
    if (room.listeners.size === 0 && room.tracked.size === 0 && !room.timer) this.#rooms.delete(channel)
  }
}

function metasOf(entries: [key: string, meta: Meta][]): Metas {
  const metas: Metas = Object.create(null) as Metas
  for (const [key, meta] of entries) {
    const present = (metas[key] ??= { metas: [] })
    present.metas.push(meta)
  }
  return metas
}

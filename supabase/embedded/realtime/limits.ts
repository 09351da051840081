export interface RealtimeLimits {
  connections: number
  channelsPerConnection: number
  joinsPerSecond: number
  /** Messages received from clients, over all of them; database changes do not count. */
  messagesPerSecond: number
  /** track and untrack calls of one channel within presenceWindowMs. */
  presenceCalls: number
  presenceWindowMs: number
  payloadBytes: number
  frameBytes: number
  changeBytes: number
  /** Unsent bytes at which a client that reads too slowly is cut off. */
  bufferedBytes: number
  /** Bytes of a client's messages that wait for the database, or of broadcasts that wait for its join, at which it is cut off. */
  waitingBytes: number
  replayMessages: number
  idleMs: number
  /** Delay before a refused join is answered, so that a misconfigured client does not hammer. */
  joinBackoffMs: number
  /** Longest time between two checks of a channel's token. */
  tokenCheckMs: number
}

export const defaultLimits: RealtimeLimits = {
  connections: 10_000,
  channelsPerConnection: 100,
  joinsPerSecond: 1_000,
  messagesPerSecond: 10_000,
  presenceCalls: 30,
  presenceWindowMs: 30_000,
  payloadBytes: 3_000_500,
  frameBytes: 5_000_000,
  changeBytes: 1_048_576,
  bufferedBytes: 4_000_000,
  waitingBytes: 20_000_000,
  replayMessages: 25,
  idleMs: 60_000,
  joinBackoffMs: 250,
  tokenCheckMs: 300_000
}

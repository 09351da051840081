export interface RealtimeLimits {
  connections: number
  channelsPerConnection: number
  joinsPerSecond: number
  /** Messages from all clients together. Database changes do not count. */
  messagesPerSecond: number
  /** Calls of track and untrack on one channel within presenceWindowMs. */
  presenceCalls: number
  presenceWindowMs: number
  payloadBytes: number
  frameBytes: number
  changeBytes: number
  /** Unsent bytes at which the connection of a slow reader is aborted. */
  bufferedBytes: number
  /** Bytes of a client's messages that wait for the database, or of broadcasts that wait for its join, before the abort. */
  waitingBytes: number
  replayMessages: number
  idleMs: number
  /** Delay before a refused join is answered. It slows down the retries of a misconfigured client. */
  joinBackoffMs: number
  /** Maximum time between two expiry checks of a channel's token. */
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

import type { JsonObject } from './serializer.ts'

/** The answer to a message on a channel. */
export interface ChannelReply {
  status: 'ok' | 'error'
  response: JsonObject
}

/** Ends the channel, with the reason the client is told. */
export class ChannelClosure extends Error {}

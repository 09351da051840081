import type { JsonObject } from './serializer.ts'

/** The answer to a message on a channel. */
export interface ChannelReply {
  status: 'ok' | 'error'
  response: JsonObject
}

/** Closes the channel. The message is the reason that the client receives. */
export class ChannelClosure extends Error {}

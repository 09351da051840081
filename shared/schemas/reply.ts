import { z } from 'zod'
import { prose, uuid } from './text'

export const replyContent = prose(50_000, 'Reply')

export const replyCreate = z.strictObject({
  content: replyContent,
  is_internal: z.boolean('Must be true or false').default(false),
  /** The newest reply its author had seen: the answer is 409 when the conversation has moved on since. */
  base_reply_id: uuid.nullable().optional()
})

export type ReplyCreate = z.output<typeof replyCreate>

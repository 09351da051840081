import { z } from './zod'
import { prose, textFormat, uuid } from './text'

/** In code points, with the tokens of mentions. */
export const maxReply = 50_000

export const replyContent = prose(maxReply, 'Reply')

export const replyCreate = z.strictObject({
  content: replyContent,
  /** `text` reads exactly as written; the app's composer sends `markdown`. */
  format: textFormat.default('text'),
  is_internal: z.boolean('Must be true or false').default(false),
  /** The newest reply its author had seen: the answer is 409 when the conversation has moved on since. */
  base_reply_id: uuid.nullable().optional(),
  /** The draft it was made of, which ends with it, null for none; one that came from elsewhere since stays. Without it, any draft ends. */
  draft_version: uuid.nullable().optional()
})

export type ReplyCreate = z.output<typeof replyCreate>

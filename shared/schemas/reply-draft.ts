import { z } from './zod'
import { draftText, uuid } from './text'

export const replyDraftPut = z.strictObject({
  /** The empty text deletes the draft. */
  content: draftText(50_000, 'Reply'),
  is_internal: z.boolean('Must be true or false').default(false),
  /** The draft this one was made of, null for none: the answer is 412 when another is stored. Without it, the last one written stays. */
  version: uuid.nullable().optional()
})

export type ReplyDraftPut = z.output<typeof replyDraftPut>

import { z } from './zod'
import { draftText, uuid } from './text'

export const replyDraftPut = z.strictObject({
  /** Empty text deletes the draft. */
  content: draftText(50_000, 'Reply'),
  is_internal: z.boolean('Must be true or false').default(false),
  /** The version this edit is based on, null for a new draft: answers 412 if another version is stored. Without it, the last write wins. */
  version: uuid.nullable().optional()
})

export type ReplyDraftPut = z.output<typeof replyDraftPut>

import { z } from './zod'
import { uploadIds } from './attachment'
import { prose, textFormat, uuid } from './text'

/** In code points, including mention tokens. */
export const maxReply = 50_000

export const replyContent = prose(maxReply, 'Reply')

export const replyCreate = z.strictObject({
  content: replyContent,
  /** `text` is displayed exactly as written; the app's composer sends `markdown`. */
  format: textFormat.default('text'),
  is_internal: z.boolean('Must be true or false').default(false),
  /** The newest reply that its author had seen: the answer is 409 if there are newer ones. */
  base_reply_id: uuid.nullable().optional(),
  /** The version of the draft it was sent from, null for none: a newer draft is kept. Without it, any draft is deleted. */
  draft_version: uuid.nullable().optional(),
  upload_ids: uploadIds.optional(),
  /** Articles whose text is in the reply: the ticket cites them. Those that it links to are found in the text. */
  article_ids: z
    .array(uuid)
    .max(20, 'At most 20 articles')
    .refine(ids => new Set(ids.map(one => one.toLowerCase())).size === ids.length, 'Name each article once')
    .optional()
})

export type ReplyCreate = z.output<typeof replyCreate>

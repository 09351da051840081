import { mention } from '#shared/schemas/answer'
import { replyCreate } from '#shared/schemas/reply'
import type { PostedReply, Reply } from '#shared/types/api'
import { pageQuery } from '#shared/schemas/page'
import { textFormat } from '#shared/schemas/text'
import { z } from '#shared/schemas/zod'
import { deleted, id, json, list, moment, row, type Noun } from '../describe'
import { replyAuthor } from './person'

const replyFields = {
  id,
  team_id: id,
  ticket_id: id,
  user_id: id,
  content: z.string(),
  format: textFormat.describe('How the content is to be read: `text` exactly as written, or `markdown`.'),
  is_internal: z.boolean().describe('A note, which only the team sees.'),
  created_at: moment,
  author_kind: z.enum(['agent', 'requester']).describe('Whose words they are.'),
  author: replyAuthor,
  author_name: z.string(),
  mentions: z.array(mention).describe('Members whom a token `<@id>` in the content names, at most 50.')
}

export const reply = row<Reply>()('Reply', 'A message in a ticket.', z.object(replyFields))

const postedReply = row<PostedReply>()(
  'PostedReply',
  'A message as it was written.',
  z.object({
    ...replyFields,
    ambiguous: z
      .array(z.object({ text: z.string(), candidates: z.array(mention) }))
      .optional()
      .describe('Names after an `@` that several people have: they mention nobody.')
  })
)

export const replies: Noun = {
  name: 'Replies',
  description: 'The conversation in a ticket: public replies, and internal notes.',
  routes: {
    'GET /teams/[teamId]/tickets/[ticketId]/replies': {
      id: 'listReplies',
      summary: 'Read the conversation',
      permission: 'tickets.view',
      query: pageQuery,
      answers: { 200: list(reply, 'Replies and notes, the oldest first.') }
    },
    'POST /teams/[teamId]/tickets/[ticketId]/replies': {
      id: 'createReply',
      summary: 'Reply, or write a note',
      permission: 'replies.create',
      body: replyCreate,
      description:
        'A name of a member after an `@` becomes a mention, in whatever case: `@Bob Tanaka`, `@bob tanaka`, or `@bob` where one person alone is called so. Names that several people have stay text and are answered as `ambiguous`. In code, quotations and addresses an `@` mentions nobody. With `base_reply_id`, the newest reply that its author had seen, it is only added when nothing was written since. In a closed ticket, only whoever may close tickets writes.',
      answers: { 201: json(postedReply, 'The new reply.') },
      refusals: {
        409: '`thread_changed`: the conversation has moved on; `data.replies` are the newer ones, the oldest first, as far as 100 kB go.',
        422: '`too_many_mentions`: the text is too long with a token for each.'
      }
    },
    'DELETE /teams/[teamId]/tickets/[ticketId]/replies/[replyId]': {
      id: 'deleteReply',
      summary: 'Delete a reply',
      description: 'Its author may, and whoever holds `replies.delete_any`.',
      permission: 'replies.create',
      answers: deleted
    }
  }
}

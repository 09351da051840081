import { postedReply, reply } from '#shared/schemas/answers/reply'
import { pageQuery } from '#shared/schemas/page'
import { replyCreate } from '#shared/schemas/reply'
import { deleted, json, list, type Noun } from '../describe'

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

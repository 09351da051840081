import { postedReply, reply } from '#shared/schemas/answers/reply'
import { pageQuery } from '#shared/schemas/page'
import { replyCreate } from '#shared/schemas/reply'
import { deleted, json, list, type Noun } from '../describe'
import { infected, unsendable } from './attachment'

export const replies: Noun = {
  name: 'Replies',
  description: 'The conversation in a ticket: public replies and internal notes.',
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
        'The name of a member after an `@` becomes a mention, in upper or lower case: `@Bob Tanaka`, `@bob tanaka`, or `@bob` when only one person has this name. Names that several people have stay text, and the answer lists them as `ambiguous`. An `@` in code, quotations and addresses is not a mention. `base_reply_id` is the newest reply that the author has seen: the new reply is only added when there is no newer one. `upload_ids` are uploads of the caller; they become files of the reply. The ticket cites the articles of the help centre that the reply links to, and those of `article_ids`, whose text it contains. In a closed ticket, only callers who may close tickets can write.',
      answers: { 201: json(postedReply, 'The new reply.') },
      refusals: {
        409: `\`thread_changed\`: there are newer replies; \`data.replies\` has them, the oldest first, up to 100 kB. ${unsendable}`,
        422: `\`too_many_mentions\`: the text is too long when each mention is stored as a token. \`article_internal\`: a public reply must not contain the text of an internal article, or a link to it. \`citation_limit\`: the ticket would cite more than 50 articles. ${infected}`
      }
    },
    'DELETE /teams/[teamId]/tickets/[ticketId]/replies/[replyId]': {
      id: 'deleteReply',
      summary: 'Delete a reply',
      description: 'The author may delete a reply, and every caller with `replies.delete_any`.',
      permission: 'replies.create',
      answers: deleted
    }
  }
}

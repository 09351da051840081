import { id, mention, timestamp } from '../answer'
import { textFormat } from '../text'
import { z } from '../zod'
import { personFields } from './person'

export const replyAuthor = z.object({ ...personFields, id: id.nullable() }).meta({
  id: 'ReplyAuthor',
  description:
    'Who has written a reply; `id` is null for whoever has no account here: a requester, or an agent of the helpdesk that ' +
    'a ticket was imported from.'
})

export const reply = z
  .object({
    id,
    team_id: id,
    ticket_id: id,
    user_id: id,
    content: z.string(),
    format: textFormat.describe('How the content is to be read: `text` exactly as written, or `markdown`.'),
    is_internal: z.boolean().describe('A note, which only the team sees.'),
    created_at: timestamp,
    author_kind: z.enum(['agent', 'requester']).describe('Whose words they are.'),
    author: replyAuthor,
    author_name: z.string(),
    mentions: z.array(mention).describe('Members whom a token `<@id>` in the content names, at most 50.')
  })
  .meta({ id: 'Reply', description: 'A message in a ticket.' })

const ambiguousMention = z.object({ text: z.string(), candidates: z.array(mention) })

export const postedReply = z
  .object({
    ...reply.shape,
    ambiguous: z.array(ambiguousMention).optional().describe('Names after an `@` that several people have: they mention nobody.')
  })
  .meta({ id: 'PostedReply', description: 'The new reply, with names that were ambiguous.' })

export type ReplyAuthor = z.output<typeof replyAuthor>
export type Reply = z.output<typeof reply>
export type PostedReply = z.output<typeof postedReply>
/** A name after an "@" that several people have, as it was written, and who they are. */
export type AmbiguousMention = z.output<typeof ambiguousMention>

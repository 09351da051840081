import { id, mention, timestamp } from '../answer'
import { textFormat } from '../text'
import { z } from '../zod'
import { attachment } from './attachment'
import { personFields } from './person'

export const replyAuthor = z.object({ ...personFields, id: id.nullable() }).meta({
  id: 'ReplyAuthor',
  description:
    'The author of a reply; `id` is null if they have no account here: a requester, or an agent of the helpdesk that ' +
    'a ticket was imported from.'
})

export const reply = z
  .object({
    id,
    team_id: id,
    ticket_id: id,
    user_id: id.describe('The author; for a contact, the profile of the channel.'),
    contact_id: id.nullable().describe('The contact who wrote it; null for members, and after the contact was erased.'),
    content: z.string(),
    format: textFormat.describe('How to display the content: `text` exactly as written, or `markdown`.'),
    is_internal: z.boolean().describe('Whether it is an internal note, which only the team sees.'),
    created_at: timestamp,
    author_kind: z.enum(['agent', 'requester']).describe('Whether an agent or the requester wrote it.'),
    author: replyAuthor,
    author_name: z.string(),
    mentions: z.array(mention).describe('Members mentioned by a token `<@id>` in the content, at most 50.'),
    attachments: z.array(attachment).describe('Its files, at most 10 besides removed ones.')
  })
  .meta({ id: 'Reply', description: 'A message in a ticket.' })

const ambiguousMention = z.object({ text: z.string(), candidates: z.array(mention) })

export const postedReply = z
  .object({
    ...reply.shape,
    ambiguous: z.array(ambiguousMention).optional().describe('Names after an `@` that match several people and therefore mention nobody.')
  })
  .meta({ id: 'PostedReply', description: 'The new reply, with its ambiguous mentions.' })

export type ReplyAuthor = z.output<typeof replyAuthor>
export type Reply = z.output<typeof reply>
export type PostedReply = z.output<typeof postedReply>
/** A name after an "@" that matches several people, as written, with those people. */
export type AmbiguousMention = z.output<typeof ambiguousMention>

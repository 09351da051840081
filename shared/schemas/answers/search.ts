import { id, timestamp } from '../answer'
import { z } from '../zod'
import { replyAuthor } from './reply'
import { ticketRow } from './ticket'

const found = {
  rank: z.number(),
  snippet: z.string().describe('HTML: escaped text, with `<mark>` around what was searched for.')
}

const foundTicket = z.object({ ...ticketRow.shape, ...found }).meta({ id: 'FoundTicket', description: 'A ticket that was found.' })

const foundReply = z
  .object({
    id,
    ticket_id: id,
    is_internal: z.boolean(),
    created_at: timestamp,
    author: replyAuthor,
    ticket_number: z.int(),
    subject: z.string(),
    ...found
  })
  .meta({ id: 'FoundReply', description: 'A reply that was found, and the ticket that it stands in.' })

export const searchResults = z
  .object({ tickets: z.array(foundTicket), replies: z.array(foundReply) })
  .meta({ id: 'SearchResults', description: 'What a search found, the best first.' })

export type FoundTicket = z.output<typeof foundTicket>
export type FoundReply = z.output<typeof foundReply>
export type SearchResults = z.output<typeof searchResults>

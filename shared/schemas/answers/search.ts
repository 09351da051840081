import { articleAudiences } from '../../article'
import { locales } from '../../texts/locale'
import { id, timestamp } from '../answer'
import { z } from '../zod'
import { replyAuthor } from './reply'
import { ticketRow } from './ticket'

const matchFields = {
  rank: z.number(),
  snippet: z.string().describe('HTML: escaped text, with `<mark>` around each match.')
}

const foundTicket = z
  .object({ ...ticketRow.shape, ...matchFields })
  .meta({ id: 'FoundTicket', description: 'A ticket that matches the search.' })

const foundReply = z
  .object({
    id,
    ticket_id: id,
    is_internal: z.boolean(),
    created_at: timestamp,
    author: replyAuthor,
    ticket_number: z.int(),
    subject: z.string(),
    ...matchFields
  })
  .meta({ id: 'FoundReply', description: 'A reply that matches the search, with its ticket.' })

const foundArticle = z
  .object({
    id,
    locale: z.enum(locales),
    title: z.string().describe('HTML, like the snippet.'),
    audience: z.enum(articleAudiences),
    ...matchFields
  })
  .meta({ id: 'FoundArticle', description: 'A published article that has at least half of what the words say.' })

export const searchResults = z
  .object({ tickets: z.array(foundTicket), replies: z.array(foundReply), articles: z.array(foundArticle) })
  .meta({ id: 'SearchResults', description: 'The matches of a search, the best first.' })

export type FoundTicket = z.output<typeof foundTicket>
export type FoundReply = z.output<typeof foundReply>
export type FoundArticle = z.output<typeof foundArticle>
export type SearchResults = z.output<typeof searchResults>

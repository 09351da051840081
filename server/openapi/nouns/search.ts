import { searchQuery } from '#shared/schemas/ticket'
import type { FoundReply, FoundTicket, SearchResults } from '#shared/types/api'
import { z } from '#shared/schemas/zod'
import { id, json, moment, row, type Noun } from '../describe'
import { replyAuthor } from './person'
import { ticketFields } from './ticket'

const found = { rank: z.number(), snippet: z.string().describe('HTML: escaped text, with `<mark>` around what was searched for.') }

const ticket = row<FoundTicket>()('FoundTicket', 'A ticket that was found.', z.object({ ...ticketFields, ...found }))
const reply = row<FoundReply>()(
  'FoundReply',
  'A reply that was found, and the ticket that it stands in.',
  z.object({
    id,
    ticket_id: id,
    is_internal: z.boolean(),
    created_at: moment,
    author: replyAuthor,
    ticket_number: z.int(),
    subject: z.string(),
    ...found
  })
)
const results = row<SearchResults>()(
  'SearchResults',
  'What a search found, the best first.',
  z.object({ tickets: z.array(ticket), replies: z.array(reply) })
)

export const search: Noun = {
  name: 'Search',
  description: 'Words, parts of words, numbers and operators, in tickets and replies at once.',
  routes: {
    'GET /teams/[teamId]/search': {
      id: 'searchTeam',
      summary: 'Search tickets and replies',
      permission: 'tickets.view',
      query: searchQuery,
      description:
        'Understands phrases in quotes, a `-` before what must not be there, and operators such as `status:open`, `assignee:me` and `created:>2026-01-01`.',
      answers: { 200: json(results, 'At most `limit` of each.') }
    }
  }
}

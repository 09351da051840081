import { searchResults } from '#shared/schemas/answers/search'
import { searchQuery } from '#shared/schemas/ticket'
import { json, type Noun } from '../describe'

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
      answers: { 200: json(searchResults, 'At most `limit` of each.') }
    }
  }
}

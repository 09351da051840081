import { searchResults } from '#shared/schemas/answers/search'
import { searchQuery } from '#shared/schemas/ticket'
import { json, type Noun } from '../describe'

export const search: Noun = {
  name: 'Search',
  description: 'Search in tickets, replies and articles, by words, parts of words, ticket numbers and operators.',
  routes: {
    'GET /teams/[teamId]/search': {
      id: 'searchTeam',
      summary: 'Search tickets, replies and articles',
      permission: 'tickets.view',
      query: searchQuery,
      description:
        'Supports phrases in quotes, a `-` before words that must not occur, and operators such as `status:open`, `assignee:me` and `after:2026-01-01`. Articles are searched by the words of a query without operators and exclusions.',
      answers: { 200: json(searchResults, 'At most `limit` tickets, `limit` replies and five articles.') }
    }
  }
}

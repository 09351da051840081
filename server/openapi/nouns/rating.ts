import { rating } from '#shared/schemas/answers/rating'
import { ratingToken, ratingUpdate } from '#shared/schemas/rating'
import { json, type Noun } from '../describe'

const parameters = { token: ratingToken.describe('The token from the mail.') }

export const ratings: Noun = {
  name: 'Ratings',
  description:
    'Clients rate a resolved ticket by a link in a mail. The link works for 30 days, while they are the requester of the ticket. A ticket that is resolved again is rated anew.',
  routes: {
    'GET /ratings/[token]': {
      id: 'getRating',
      summary: 'Read a rating',
      isPublic: true,
      parameters,
      answers: { 200: json(rating, 'The ticket and its rating.') }
    },
    'POST /ratings/[token]': {
      id: 'saveRating',
      summary: 'Rate a ticket',
      description: 'Another rating replaces the first, for 7 days.',
      isPublic: true,
      parameters,
      body: ratingUpdate,
      answers: { 200: json(rating, 'The rating as it is now.') },
      refusals: { 409: '`rating_final`: the rating is older than 7 days or was changed 19 times, and cannot change any more.' }
    }
  }
}

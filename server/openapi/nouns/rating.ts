import { rating } from '#shared/schemas/answers/rating'
import { ratingToken, ratingUpdate } from '#shared/schemas/rating'
import { json, type Noun } from '../describe'

const parameters = { token: ratingToken.describe('The token of the mail.') }

export const ratings: Noun = {
  name: 'Ratings',
  description: 'Clients rate a resolved ticket by the link in their mail, which is good for 30 days and for the client who was asked.',
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
      description: 'Rating again replaces the rating.',
      isPublic: true,
      parameters,
      body: ratingUpdate,
      answers: { 200: json(rating, 'The rating as it is now.') },
      refusals: { 409: '`rating_final`: it was changed 19 times.' }
    }
  }
}

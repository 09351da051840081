import { ratingMeanings } from '../../rating'

export const en = {
  'title': 'How did we do?',
  'about': 'Your request {number} to {team}:',
  'score': '{score} of 5: {meaning}',
  'meaning.1': ratingMeanings[0],
  'meaning.2': ratingMeanings[1],
  'meaning.3': ratingMeanings[2],
  'meaning.4': ratingMeanings[3],
  'meaning.5': ratingMeanings[4],
  'stars': 'Your rating',
  'stars.choose': 'Choose from one to five stars',
  'stars.given': '{score} of 5 stars',
  'comment': 'Anything to add?',
  'comment.optional': 'Optional',
  'comment.long': 'The comment must be at most 1,000 characters.',
  'send': 'Send',
  'change': 'Change my rating',
  'thanks': 'Thank you',
  'thanks.received': '{team} has received your rating.',
  'failed': 'Your rating was not saved',
  'failed.again': 'Please try again in a moment.',
  'failed.final': 'This rating cannot be changed any more.',
  'invalid': 'This link is no longer valid',
  'invalid.reason': 'Requests can be rated for thirty days after we asked for it.',
  'unavailable': 'The page could not be opened',
  'unavailable.reason': 'Please try again in a moment.'
} as const

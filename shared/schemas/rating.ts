import { prose } from './text'
import { z } from './zod'

export const ratingUpdate = z.strictObject({
  score: z.int('Choose from one to five stars').min(1, 'Choose from one to five stars').max(5, 'Choose from one to five stars'),
  comment: prose(1_000, 'Comment').nullable().default(null)
})

/** 32 random bytes in base64url, from the link in the mail. */
export const ratingToken = z.string().regex(/^[\w-]{43}$/, 'Not a rating')

export type RatingUpdate = z.output<typeof ratingUpdate>

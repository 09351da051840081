import { z } from '../zod'

export const rating = z
  .object({
    team_name: z.string(),
    ticket_number: z.int(),
    subject: z.string(),
    score: z.int().min(1).max(5).nullable(),
    comment: z.string().nullable()
  })
  .meta({ id: 'Rating', description: 'The rating of a resolved ticket by its client; nulls until they rate.' })

export type Rating = z.output<typeof rating>

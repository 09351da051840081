import { locales } from '../../texts/locale'
import { z } from '../zod'

export const rating = z
  .object({
    team_name: z.string(),
    team_color: z.string().nullable().describe('The colour of the page, `#rrggbb`; null for the default.'),
    ticket_number: z.int(),
    subject: z.string(),
    score: z.int().min(1).max(5).nullable(),
    comment: z.string().nullable(),
    locale: z.enum(locales).nullable().describe("The client's language; null for the default.")
  })
  .meta({ id: 'Rating', description: "A client's rating of their resolved ticket; score and comment are null until they rate it." })

export type Rating = z.output<typeof rating>

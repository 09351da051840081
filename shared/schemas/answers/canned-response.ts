import { id, timestamp } from '../answer'
import { z } from '../zod'

export const cannedResponse = z
  .object({
    id,
    team_id: id,
    title: z.string(),
    content: z.string(),
    category: z.string().nullable(),
    created_by: id,
    created_at: timestamp,
    updated_at: timestamp
  })
  .meta({ id: 'CannedResponse', description: 'A reusable text for replies.' })

export type CannedResponse = z.output<typeof cannedResponse>

import { id, timestamp } from '../answer'
import { z } from '../zod'

export const savedView = z
  .object({
    id,
    name: z.string(),
    filters: z.record(z.string(), z.union([z.string(), z.array(z.string())])).describe('The query parameters of the list.'),
    is_shared: z.boolean(),
    position: z.int(),
    user_id: id.nullable().describe('Its author; null when they have left the team.'),
    is_repaired: z.boolean().describe('Whether some stored filters are no longer valid and were left out.'),
    created_at: timestamp,
    updated_at: timestamp
  })
  .meta({ id: 'SavedView', description: 'Filters and order of a ticket list, saved under a name.' })

export type SavedView = z.output<typeof savedView>

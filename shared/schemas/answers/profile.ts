import { ticketColumns } from '../../preferences'
import { id, timestamp } from '../answer'
import { z } from '../zod'
import { personFields } from './person'

export const profile = z
  .object({
    ...personFields,
    email: z.string(),
    last_team_id: id.nullable().describe('The team they last worked in.'),
    preferences: z.object({
      density: z.enum(['comfortable', 'compact']),
      columns: z.array(z.enum(ticketColumns)),
      shortcuts: z.boolean()
    }),
    created_at: timestamp,
    realtime_topic: z.string().describe("The private channel of the person's notifications. It changes when one of their sessions ends.")
  })
  .meta({ id: 'Profile', description: 'An account, as shown to its owner.' })

export type Profile = z.output<typeof profile>

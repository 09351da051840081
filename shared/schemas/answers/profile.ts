import { ticketColumns } from '../../preferences'
import { id, timestamp } from '../answer'
import { z } from '../zod'
import { personFields } from './person'

export const profile = z
  .object({
    ...personFields,
    email: z.string(),
    last_team_id: id.nullable().describe('The team that they worked in last.'),
    preferences: z.object({
      density: z.enum(['comfortable', 'compact']),
      columns: z.array(z.enum(ticketColumns)),
      shortcuts: z.boolean()
    }),
    created_at: timestamp,
    realtime_topic: z.string().describe('The private channel of your notifications. It changes when one of your sessions ends.')
  })
  .meta({ id: 'Profile', description: 'An account, as its person sees it.' })

export type Profile = z.output<typeof profile>

import { id, timestamp, role } from '../answer'
import { z } from '../zod'

export const team = z
  .object({
    id,
    name: z.string(),
    slug: z.string().describe('Part of the addresses of its tickets.'),
    time_zone: z.string().describe("A name of the tz database: its days and months are the reports'."),
    auto_close_days: z.int().describe('Resolved tickets are closed after as many days.'),
    created_at: timestamp,
    role: role.describe("The caller's role."),
    realtime_topic: z.string().describe('The private channel of its changes. Another after a member was removed.')
  })
  .meta({ id: 'Team', description: 'A team, as its member sees it.' })

export type Team = z.output<typeof team>

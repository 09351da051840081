import { optionalMailKinds } from '../../mail'
import { locales } from '../../texts/locale'
import { id, timestamp, role } from '../answer'
import { z } from '../zod'

export const team = z
  .object({
    id,
    name: z.string(),
    slug: z.string().describe("Part of its tickets' URLs."),
    time_zone: z.string().describe('A name of the tz database. Reports count days and months in this time zone.'),
    auto_close_days: z.int().describe('Days after which resolved tickets are closed automatically.'),
    unscanned_files: z
      .enum(['block', 'warn'])
      .nullable()
      .describe('Whether files that no virus scanner has seen may be sent and downloaded. Null: `block` if the server has a scanner.'),
    client_mails: z.array(z.enum(optionalMailKinds)).describe('The kinds of mails that clients get about their tickets.'),
    rating_delay_minutes: z
      .int()
      .nullable()
      .describe('Minutes from the resolution of a ticket until the client is asked for a rating, by mail and in the portal. Null: never.'),
    portal_color: z
      .string()
      .nullable()
      .describe('The colour of the portal and of mails to clients, `#rrggbb`. Null: the colour of the product.'),
    client_priority: z.boolean().describe('Whether clients see and choose the priority of their tickets.'),
    portal_shows_due: z.boolean().describe('Whether the portal says until when the SLA promises an answer.'),
    help_locales: z
      .array(z.enum(locales))
      .describe('The languages that the help centre offers. The first is for readers who prefer none of them.'),
    created_at: timestamp,
    role: role.describe("The caller's role."),
    realtime_topic: z.string().describe("The private channel of the team's changes. It changes when a member loses access.")
  })
  .meta({ id: 'Team', description: 'A team, as shown to its members.' })

export type Team = z.output<typeof team>

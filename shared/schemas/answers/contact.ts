import { count, id, timestamp } from '../answer'
import { z } from '../zod'

/** A contact as routes answer it: the columns of `private.contact_rows`, in this order. */
export const contact = z
  .object({
    id,
    team_id: id,
    name: z.string().nullable().describe('Null if only the address is known.'),
    email: z.string().nullable().describe('The primary address: mails go there.'),
    addresses: z.array(z.object({ address: z.string(), is_primary: z.boolean(), verified_at: timestamp.nullable() })),
    locale: z.string().nullable().describe('The language of mails and the portal; null for the default.'),
    time_zone: z.string().nullable(),
    organization_id: id.nullable(),
    organization_name: z.string().nullable(),
    notes: z.string().nullable().describe('For agents; clients never see them.'),
    blocked_at: timestamp.nullable().describe('A blocked contact gets no mails and cannot use the portal.'),
    has_account: z.boolean().describe('Whether they have signed in to the portal.'),
    open_tickets: count,
    total_tickets: count,
    created_at: timestamp,
    updated_at: timestamp
  })
  .meta({ id: 'Contact', description: 'A person outside the team who writes to it.' })

export const endedSessions = z
  .object({
    ticket_sessions: count.describe('How many browsers had one ticket open, after a link in a mail.'),
    ticket_links: count.describe('How many links in mails could open a ticket.')
  })
  .meta({ id: 'EndedSessions', description: 'What ended when a contact was signed out of the portal.' })

/** An organization as routes answer it: the columns of `private.organization_rows`, in this order. */
export const organization = z
  .object({
    id,
    team_id: id,
    name: z.string(),
    tier: z.string().nullable().describe('What the team has agreed with it, for example "Gold".'),
    notes: z.string().nullable().describe('For agents; clients never see them.'),
    shares_tickets: z.boolean().describe("Whether its contacts see each other's tickets in the portal."),
    domains: z.array(z.string()).describe('New contacts with an address of these domains belong to it.'),
    contacts: count,
    created_at: timestamp,
    updated_at: timestamp
  })
  .meta({ id: 'Organization', description: 'A company of clients.' })

export const project = z
  .object({
    id,
    team_id: id,
    name: z.string(),
    organization_id: id.nullable().describe('Only its contacts can choose the project in the portal; null: all contacts can.'),
    organization_name: z.string().nullable(),
    archived_at: timestamp.nullable().describe('An archived project stays on its tickets, and no form offers it.'),
    created_at: timestamp,
    updated_at: timestamp
  })
  .meta({ id: 'Project', description: 'What clients ask about: a product, a website, a contract.' })

export const participant = z
  .object({
    contact_id: id,
    name: z.string().nullable(),
    email: z.string().nullable(),
    can_read_history: z.boolean().describe('Whether they may read what was written before they were added.'),
    created_at: timestamp
  })
  .meta({ id: 'Participant', description: 'A contact besides the requester who takes part in a ticket and gets its public replies.' })

export const contactMergeAnswer = z
  .object({ id, contact_id: id, duplicate_id: id, addresses: z.array(z.string()), created_at: timestamp, undone_at: timestamp.nullable() })
  .meta({ id: 'ContactMerge', description: 'Two contacts that were merged; it can be undone for 30 days.' })

export const sharing = z
  .object({ tickets: count, contacts: count })
  .meta({ id: 'Sharing', description: 'How many tickets would become visible to how many contacts.' })

export type Contact = z.output<typeof contact>
export type Organization = z.output<typeof organization>
export type Participant = z.output<typeof participant>
export type Project = z.output<typeof project>
export type ContactMerge = z.output<typeof contactMergeAnswer>
export type EndedSessions = z.output<typeof endedSessions>
export type Sharing = z.output<typeof sharing>

import { z } from './zod'
import { listQuery, pageFields } from './page'
import { email, line, prose, uuid } from './text'
import { timeZone } from './team'
import { locales } from '../texts/locale'

export const contactLocales = locales

const contactDetails = {
  name: line(200, 'Name').nullable(),
  locale: z.enum(contactLocales, 'Not a language of the portal').nullable(),
  time_zone: timeZone.nullable(),
  organization_id: uuid.nullable(),
  notes: prose(10_000, 'Notes').nullable()
}

export const contactCreate = z.strictObject({
  email,
  name: contactDetails.name.default(null),
  locale: contactDetails.locale.default(null),
  time_zone: contactDetails.time_zone.default(null),
  /** Absent: the organization that lists the domain of the address. */
  organization_id: contactDetails.organization_id.optional(),
  notes: contactDetails.notes.default(null)
})

export const contactUpdate = z.strictObject({ ...contactDetails, is_blocked: z.boolean('Either true or false') }).partial()

export const contactAddressCreate = z.strictObject({ address: email })

/** The address that becomes the primary one. */
export const contactAddressUpdate = z.strictObject({ address: email, is_primary: z.literal(true, 'Make another address the primary one') })

/** The address to remove. */
export const contactAddressQuery = z.strictObject({ address: email })

export const contactMerge = z.strictObject({ contact_id: uuid, duplicate_id: uuid })

export const contactQuery = listQuery(
  z.strictObject({
    q: z.string().trim().max(200, 'Search for at most 200 characters').optional(),
    organization_id: uuid.optional(),
    blocked: z
      .enum(['true', 'false'], 'Either true or false')
      .transform(value => value === 'true')
      .optional(),
    ...pageFields
  })
)

/** The part of an address after "@". The server also refuses public suffixes and mail providers. */
export const mailDomain = z
  .string('Domain must be text')
  .overwrite(value => value.trim().toLowerCase())
  .refine(value => !value.includes('@') && email.safeParse(`a@${value}`).success, 'Not a domain')

const organizationDetails = {
  name: line(200, 'Name'),
  tier: line(50, 'Tier').nullable(),
  notes: prose(10_000, 'Notes').nullable(),
  shares_tickets: z.boolean('Either true or false'),
  domains: z
    .array(mailDomain)
    .max(50, 'At most 50 domains')
    .transform(domains => [...new Set(domains)])
}

export const organizationCreate = z.strictObject({
  name: organizationDetails.name,
  tier: organizationDetails.tier.default(null),
  notes: organizationDetails.notes.default(null),
  shares_tickets: organizationDetails.shares_tickets.default(false),
  domains: organizationDetails.domains.default([])
})

export const organizationUpdate = z.strictObject(organizationDetails).partial()

const projectDetails = {
  name: line(200, 'Name'),
  /** Only contacts of this organization can choose the project; null: all can. */
  organization_id: uuid.nullable()
}

export const projectCreate = z.strictObject({ name: projectDetails.name, organization_id: projectDetails.organization_id.default(null) })

export const projectUpdate = z.strictObject({ ...projectDetails, is_archived: z.boolean('Either true or false') }).partial()

/** A participant of a ticket: a contact, or an address, whose contact is added if there is none. */
export const participantCreate = z
  .strictObject({
    contact_id: uuid.optional(),
    email: email.optional(),
    name: line(200, 'Name').nullable().default(null),
    can_read_history: z.boolean('Either true or false').default(false)
  })
  .refine(({ contact_id, email }) => (contact_id === undefined) !== (email === undefined), {
    path: ['contact_id'],
    error: 'Name either a contact or an address'
  })

export const participantUpdate = z.strictObject({ can_read_history: z.boolean('Either true or false') })

export type ParticipantCreate = z.output<typeof participantCreate>
export type ParticipantUpdate = z.output<typeof participantUpdate>
export type ProjectCreate = z.output<typeof projectCreate>
export type ProjectUpdate = z.output<typeof projectUpdate>
export type ContactCreate = z.output<typeof contactCreate>
export type ContactUpdate = z.output<typeof contactUpdate>
export type ContactQuery = z.output<typeof contactQuery>
export type OrganizationCreate = z.output<typeof organizationCreate>
export type OrganizationUpdate = z.output<typeof organizationUpdate>

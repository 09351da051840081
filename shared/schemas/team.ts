import { z } from './zod'
import { optionalMailKinds } from '../mail'
import { roles } from '../permissions'
import { locales } from '../texts/locale'
import { isTimeZone } from '../utils/time-zone'
import { email, line } from './text'

export const teamName = line(100, 'Team name')
export const slug = z
  .string('Address must be text')
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/, 'Use lower-case letters, digits and hyphens, at most 48')
export const role = z.enum(roles, 'Not a role')

export const timeZone = z.string().max(64).refine(isTimeZone, 'This is not a known time zone')

export const teamCreate = z.strictObject({ name: teamName, slug: slug.optional() })

export const teamUpdate = z
  .strictObject({
    name: teamName,
    slug,
    time_zone: timeZone,
    auto_close_days: z.number().int().min(1, 'At least one day').max(365, 'At most a year'),
    unscanned_files: z.enum(['block', 'warn'], 'Either block or warn').nullable(),
    client_mails: z
      .array(z.enum(optionalMailKinds, 'Not a kind of mail'))
      .refine(kinds => new Set(kinds).size === kinds.length, 'A kind is named twice'),
    portal_color: z
      .string('A colour is text')
      .regex(/^#[0-9a-f]{6}$/, 'A colour is # and six digits from 0 to 9 and a to f')
      .nullable(),
    client_priority: z.boolean('Either true or false'),
    portal_shows_due: z.boolean('Either true or false'),
    help_locales: z
      .array(z.enum(locales, 'Not a language of the help centre'), 'Must be a list of languages')
      .min(1, 'Choose at least one language')
      .refine(chosen => new Set(chosen).size === chosen.length, 'A language is named twice'),
    rating_delay_minutes: z.number().int().min(30, 'At least 30 minutes').max(1440, 'At most 24 hours').nullable()
  })
  .partial()

export const memberUpdate = z.strictObject({ role })

export const invitationCreate = z.strictObject({ email, role: role.default('member') })

export const replyAddressUpdate = z.strictObject({ email })

/** 32 random bytes in base64url, from the link in a mail. */
export const mailToken = z.string().regex(/^[\w-]{43}$/, 'This link is not valid')

/** The token of an invitation. */
export const invitationToken = z.string().regex(/^[\w-]{43}$/, 'Not an invitation')

export type TeamCreate = z.output<typeof teamCreate>
export type TeamUpdate = z.output<typeof teamUpdate>
export type InvitationCreate = z.output<typeof invitationCreate>

import type { Contact } from '#shared/types/api'
import { contactCreate, contactLocales } from '#shared/schemas/contact'
import { z } from '#shared/schemas/zod'
import { optionalField } from '../app/optional-field'

/** The value of a select that stands for "none": its items cannot be null. */
export const noChoice = 'none'
/** The organization of a new contact follows from the domain of the address. */
export const byDomain = 'by-domain'

const details = {
  name: optionalField(contactCreate.shape.name.unwrap()),
  locale: z.enum([noChoice, ...contactLocales]).transform(value => (value === noChoice ? null : value)),
  time_zone: z
    .string()
    .transform(value => (value === noChoice ? null : value))
    .pipe(contactCreate.shape.time_zone.unwrap()),
  notes: optionalField(contactCreate.shape.notes.unwrap())
}

/** The form for a new contact. */
export const newContactForm = z.object({
  email: contactCreate.shape.email,
  ...details,
  organization_id: z.string().transform(value => (value === byDomain ? undefined : value === noChoice ? null : value))
})

/** The form for the details of a contact. */
export const contactDetailsForm = z.object({
  ...details,
  organization_id: z.string().transform(value => (value === noChoice ? null : value))
})

export type ContactFields = z.input<typeof contactDetailsForm>

export function contactFields({ name, locale, time_zone, organization_id, notes }: Contact): ContactFields {
  return {
    name: name ?? '',
    locale: contactLocales.find(known => known === locale) ?? noChoice,
    time_zone: time_zone ?? noChoice,
    organization_id: organization_id ?? noChoice,
    notes: notes ?? ''
  }
}

/** The fields of `now` that differ from `before`: only these are sent, so that changes of others to the rest stay. */
export function changedDetails<T extends object>(before: T, now: T): Partial<T> {
  const names = Object.keys(now) as (keyof T)[]
  return Object.fromEntries(
    names.filter(name => JSON.stringify(before[name]) !== JSON.stringify(now[name])).map(name => [name, now[name]])
  ) as Partial<T>
}

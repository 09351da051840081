import type { Organization } from '#shared/types/api'
import { organizationCreate } from '#shared/schemas/contact'
import { z } from '#shared/schemas/zod'
import { optionalField } from '../app/optional-field'

/** The form for an organization. */
export const organizationFormSchema = z.object({
  name: organizationCreate.shape.name,
  tier: optionalField(organizationCreate.shape.tier.unwrap()),
  domains: organizationCreate.shape.domains.unwrap(),
  notes: optionalField(organizationCreate.shape.notes.unwrap()),
  shares_tickets: z.boolean()
})

export type OrganizationFields = z.input<typeof organizationFormSchema>

export function organizationFields(row?: Organization): OrganizationFields {
  return {
    name: row?.name ?? '',
    tier: row?.tier ?? '',
    domains: row?.domains ?? [],
    notes: row?.notes ?? '',
    shares_tickets: row?.shares_tickets ?? false
  }
}

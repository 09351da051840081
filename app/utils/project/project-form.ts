import type { Project } from '#shared/types/api'
import { projectCreate } from '#shared/schemas/contact'
import { z } from '#shared/schemas/zod'
import { noChoice } from '../contact/contact-form'

/** The form for a project. */
export const projectFormSchema = z.object({
  name: projectCreate.shape.name,
  organization_id: z.string().transform(value => (value === noChoice ? null : value)),
  is_archived: z.boolean()
})

export type ProjectFields = z.input<typeof projectFormSchema>

export function projectFields(row?: Project): ProjectFields {
  return { name: row?.name ?? '', organization_id: row?.organization_id ?? noChoice, is_archived: Boolean(row?.archived_at) }
}

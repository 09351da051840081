import { id } from '../answer'
import { z } from '../zod'

export const personFields = { id, full_name: z.string(), avatar_url: z.string().nullable() }

export const person = z.object(personFields).meta({ id: 'Person', description: 'A person as others see them: never an e-mail address.' })

export type Person = z.output<typeof person>

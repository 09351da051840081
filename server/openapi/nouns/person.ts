import type { Mention, Person } from '#shared/types/api'
import { z } from '#shared/schemas/zod'
import { id, row } from '../describe'

export const personFields = { id, full_name: z.string(), avatar_url: z.string().nullable() }

export const person = row<Person>()('Person', 'A person as others see them: never an e-mail address.', z.object(personFields))

export const mention = row<Mention>()('Mention', 'Somebody whom a text names; they may have left the team since.', z.object({ id, full_name: z.string() }))

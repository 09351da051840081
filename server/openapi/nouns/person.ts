import type { Person, ReplyAuthor } from '#shared/types/api'
import { z } from '#shared/schemas/zod'
import { id, row } from '../describe'

export const personFields = { id, full_name: z.string(), avatar_url: z.string().nullable() }

export const person = row<Person>()('Person', 'A person as others see them: never an e-mail address.', z.object(personFields))

export const replyAuthor = row<ReplyAuthor>()(
  'ReplyAuthor',
  'Who has written a reply; `id` is null for whoever has no account here: a requester, or an agent of the helpdesk that a ticket was imported from.',
  z.object({ ...personFields, id: id.nullable() })
)

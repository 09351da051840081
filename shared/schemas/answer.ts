import { roles } from '../permissions'
import { ticketPriorities, ticketStatuses } from '../ticket'
import { z } from './zod'

// Building blocks of the API's answer schemas.

export const id = z.uuid()
export const timestamp = z.iso.datetime({ offset: true })
export const day = z.iso.date()
export const count = z.int().min(0)

export const role = z.enum(roles)
export const status = z.enum(ticketStatuses)
export const priority = z.enum(ticketPriorities)

export const mention = z
  .object({ id, full_name: z.string() })
  .meta({ id: 'Mention', description: 'A person whom a text mentions; they may have left the team since.' })

export type Mention = z.output<typeof mention>

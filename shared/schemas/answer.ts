import { roles } from '../permissions'
import { ticketPriorities, ticketStatuses } from '../ticket'
import { z } from './zod'

// What answers of the API are made of.

export const id = z.uuid()
export const timestamp = z.iso.datetime({ offset: true })
export const day = z.iso.date()
export const count = z.int().min(0)

export const role = z.enum(roles)
export const status = z.enum(ticketStatuses)
export const priority = z.enum(ticketPriorities)

export const mention = z
  .object({ id, full_name: z.string() })
  .meta({ id: 'Mention', description: 'Somebody whom a text names; they may have left the team since.' })

export type Mention = z.output<typeof mention>

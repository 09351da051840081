import { count, id } from '../answer'
import { z } from '../zod'

const position = z.int().min(1).describe('Counts from 1 within the level and parent, without gaps.')
const optionalCount = { ticket_count: count.optional().describe('Tickets filed here or below, if the query has `counts=true`.') }

export const category = z
  .object({
    id,
    key: z.string(),
    name: z.string(),
    portal_name: z.string().nullable(),
    position,
    ...optionalCount
  })
  .meta({ id: 'Category', description: 'The first level that tickets are filed under; tickets carry its key.' })

export const ticketType = z
  .object({
    id,
    category_id: id,
    category: z.string().describe('The key of its category.'),
    name: z.string(),
    position,
    ...optionalCount
  })
  .meta({ id: 'TicketType', description: 'The second level that tickets are filed under.' })

export const ticketItem = z
  .object({ id, type_id: id, name: z.string(), position, ...optionalCount })
  .meta({ id: 'TicketItem', description: 'The third level that tickets are filed under.' })

export type Category = z.output<typeof category>
export type TicketType = z.output<typeof ticketType>
export type TicketItem = z.output<typeof ticketItem>
export type TicketCount = Pick<Category, 'ticket_count'>

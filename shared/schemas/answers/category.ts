import { count, id } from '../answer'
import { z } from '../zod'

const position = z.int().min(1).describe('Counts from 1 within the level and parent, without gaps.')
const counted = { ticket_count: count.optional().describe('Tickets routed here or below, where `counts=true` asks for it.') }

export const category = z
  .object({
    id,
    key: z.string(),
    name: z.string(),
    portal_name: z.string().nullable(),
    position,
    ...counted
  })
  .meta({ id: 'Category', description: 'The first level of routing; tickets carry its key.' })

export const ticketType = z
  .object({
    id,
    category_id: id,
    category: z.string().describe('The key of its category.'),
    name: z.string(),
    position,
    ...counted
  })
  .meta({ id: 'TicketType', description: 'The second level of routing.' })

export const ticketItem = z
  .object({ id, type_id: id, name: z.string(), position, ...counted })
  .meta({ id: 'TicketItem', description: 'The third level of routing.' })

export type Category = z.output<typeof category>
export type TicketType = z.output<typeof ticketType>
export type TicketItem = z.output<typeof ticketItem>
/** Where `counts=true` asks for it. */
export type TicketCount = Pick<Category, 'ticket_count'>

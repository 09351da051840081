import {
  categoryCreate,
  categoryQuery,
  categoryUpdate,
  itemCreate,
  itemQuery,
  itemUpdate,
  typeCreate,
  typeQuery,
  typeUpdate
} from '#shared/schemas/routing'
import type { Category, TicketCount, TicketItem, TicketType } from '#shared/types/api'
import { z } from '#shared/schemas/zod'
import { count, deleted, id, json, list, row, type Noun, type Operation } from '../describe'

const position = z.int().min(1).describe('Counts from 1 within the level and parent, without gaps.')
const counted = { ticket_count: count.optional().describe('Tickets routed here or below, where `counts=true` asks for it.') }

const category = row<Category & TicketCount>()(
  'Category',
  'The first level of routing; tickets carry its key.',
  z.object({ id, key: z.string(), name: z.string(), portal_name: z.string().nullable(), position, ...counted })
)
const type = row<TicketType & TicketCount>()(
  'TicketType',
  'The second level of routing.',
  z.object({ id, category_id: id, category: z.string().describe('The key of its category.'), name: z.string(), position, ...counted })
)
const item = row<TicketItem & TicketCount>()(
  'TicketItem',
  'The third level of routing.',
  z.object({ id, type_id: id, name: z.string(), position, ...counted })
)

interface Level {
  one: string
  noun: string
  parameter: string
  path: string
  row: z.ZodType
  query: Operation['query']
  create: z.ZodType
  update: z.ZodType
  deletion: string
  refusals?: Record<number, string>
}

const taken = { 409: '`name_taken`: there is one of this name.' }
const full = { 422: '`routing_limit`: a level has at most 100.' }

// The three levels have the same routes.
function level({ one, noun, parameter, path, row, query, create, update, deletion, refusals }: Level): Record<string, Operation> {
  const change = {
    description: 'A new `position` moves it, and the others make room.',
    permission: 'routing.manage',
    body: update,
    answers: { 200: json(row, 'As it is now.') },
    refusals: taken
  } as const
  return {
    [`GET ${path}`]: {
      id: `list${noun}`,
      summary: `List ${noun.replace(/^Ticket/, '').toLowerCase()}`,
      permission: 'routing.view',
      query,
      answers: { 200: list(row, 'In their order.') }
    },
    [`POST ${path}`]: {
      id: `create${one}`,
      summary: `Add ${article(one)}`,
      description: 'At the end of its level.',
      permission: 'routing.manage',
      body: create,
      answers: { 201: json(row, 'The new one.') },
      refusals: { ...taken, ...full }
    },
    [`PATCH ${path}/[${parameter}]`]: { id: `update${one}`, summary: `Rename or move ${article(one)}`, ...change },
    [`PUT ${path}/[${parameter}]`]: { id: `replace${one}`, summary: `Rename or move ${article(one)} (as PATCH)`, ...change },
    [`DELETE ${path}/[${parameter}]`]: {
      id: `delete${one}`,
      summary: `Delete ${article(one)}`,
      description: deletion,
      permission: 'routing.manage',
      answers: {
        ...deleted,
        202: { description: 'More than 200 tickets are in it: a job moves them out, and it goes with the last of them.' }
      },
      refusals
    }
  }
}

function article(one: string): string {
  const word = one.replace(/^Ticket/, '').toLowerCase()
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`
}

export const routing: Noun = {
  name: 'Routing',
  description: 'Three levels that say what a ticket is about: category, type and item.',
  routes: {
    ...level({
      one: 'Category',
      noun: 'Categories',
      parameter: 'categoryId',
      path: '/teams/[teamId]/cti/categories',
      row: category,
      query: categoryQuery,
      create: categoryCreate,
      update: categoryUpdate,
      deletion: 'Its tickets fall to the category `other`.',
      refusals: { 409: '`category_required`: the category that takes those tickets stays.' }
    }),
    ...level({
      one: 'TicketType',
      noun: 'TicketTypes',
      parameter: 'typeId',
      path: '/teams/[teamId]/cti/types',
      row: type,
      query: typeQuery,
      create: typeCreate,
      update: typeUpdate,
      deletion: 'Its tickets stay in the category.'
    }),
    ...level({
      one: 'TicketItem',
      noun: 'TicketItems',
      parameter: 'itemId',
      path: '/teams/[teamId]/cti/items',
      row: item,
      query: itemQuery,
      create: itemCreate,
      update: itemUpdate,
      deletion: 'Its tickets stay in the type.'
    })
  }
}

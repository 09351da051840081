import { category, ticketItem, ticketType } from '#shared/schemas/answers/category'
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
} from '#shared/schemas/category'
import type { z } from '#shared/schemas/zod'
import { deleted, json, list, type Noun, type Operation } from '../describe'

interface Level {
  one: string
  noun: string
  parameter: string
  path: string
  answer: z.ZodType
  query: Operation['query']
  create: z.ZodType
  update: z.ZodType
  deletion: string
  refusals?: Record<number, string>
}

const taken = { 409: '`name_taken`: the level already has an entry with this name.' }
const full = { 422: '`routing_limit`: a level has at most 100 entries.' }

// Categories, types and items have the same routes.
function level({ one, noun, parameter, path, answer, query, create, update, deletion, refusals }: Level): Record<string, Operation> {
  const change = {
    description: 'A new `position` moves the entry, and the others are renumbered.',
    permission: 'routing.manage',
    body: update,
    answers: { 200: json(answer, 'The entry as it is now.') },
    refusals: taken
  } as const
  return {
    [`GET ${path}`]: {
      id: `list${noun}`,
      summary: `List ${noun.replace(/^Ticket/, '').toLowerCase()}`,
      permission: 'routing.view',
      query,
      answers: { 200: list(answer, 'The entries, by position.') }
    },
    [`POST ${path}`]: {
      id: `create${one}`,
      summary: `Add ${article(one)}`,
      description: 'The new entry comes last in its level.',
      permission: 'routing.manage',
      body: create,
      answers: { 201: json(answer, 'The new entry.') },
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
        202: { description: 'The entry has more than 200 tickets. A job moves them out, and then deletes the entry.' }
      },
      refusals
    }
  }
}

function article(one: string): string {
  const word = one.replace(/^Ticket/, '').toLowerCase()
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`
}

export const categories: Noun = {
  name: 'Routing',
  description: 'The three levels that a ticket is filed under: category, type and item.',
  routes: {
    ...level({
      one: 'Category',
      noun: 'Categories',
      parameter: 'categoryId',
      path: '/teams/[teamId]/cti/categories',
      answer: category,
      query: categoryQuery,
      create: categoryCreate,
      update: categoryUpdate,
      deletion: 'Its tickets move to the category `other`.',
      refusals: { 409: '`category_required`: the category `other` cannot be deleted.' }
    }),
    ...level({
      one: 'TicketType',
      noun: 'TicketTypes',
      parameter: 'typeId',
      path: '/teams/[teamId]/cti/types',
      answer: ticketType,
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
      answer: ticketItem,
      query: itemQuery,
      create: itemCreate,
      update: itemUpdate,
      deletion: 'Its tickets stay in the type.'
    })
  }
}

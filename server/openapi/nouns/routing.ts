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

const taken = { 409: '`name_taken`: there is one of this name.' }
const full = { 422: '`routing_limit`: a level has at most 100.' }

// The three levels have the same routes.
function level({ one, noun, parameter, path, answer, query, create, update, deletion, refusals }: Level): Record<string, Operation> {
  const change = {
    description: 'A new `position` moves it, and the others make room.',
    permission: 'routing.manage',
    body: update,
    answers: { 200: json(answer, 'As it is now.') },
    refusals: taken
  } as const
  return {
    [`GET ${path}`]: {
      id: `list${noun}`,
      summary: `List ${noun.replace(/^Ticket/, '').toLowerCase()}`,
      permission: 'routing.view',
      query,
      answers: { 200: list(answer, 'In their order.') }
    },
    [`POST ${path}`]: {
      id: `create${one}`,
      summary: `Add ${article(one)}`,
      description: 'At the end of its level.',
      permission: 'routing.manage',
      body: create,
      answers: { 201: json(answer, 'The new one.') },
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
      answer: category,
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

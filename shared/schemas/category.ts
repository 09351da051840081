import { z } from './zod'
import { listQuery, pageFields } from './page'
import { line, uuid } from './text'

const name = line(100, 'Name').transform(value => value.normalize('NFC'))
const portalName = line(100, 'Portal name')
  .transform(value => value.normalize('NFC'))
  .nullable()
// A position beyond the end means the last one.
const position = z
  .number('Position must be a number')
  .int('Position must be whole')
  .min(1, 'The first position is 1')
  .max(10_000, 'Position is too large')

export const categoryCreate = z.strictObject({ name, portal_name: portalName.default(null) })
export const categoryUpdate = z.strictObject({ name, portal_name: portalName, position }).partial()

export const typeCreate = z.strictObject({ category_id: uuid, name })
export const typeUpdate = z.strictObject({ name, position }).partial()

export const itemCreate = z.strictObject({ type_id: uuid, name })
export const itemUpdate = z.strictObject({ name, position }).partial()

const counts = z
  .enum(['true', 'false'], 'Must be true or false')
  .default('false')
  .transform(value => value === 'true')

/** `counts=true` adds `ticket_count` to every row. */
export const categoryQuery = listQuery(z.strictObject({ counts, ...pageFields }))
export const typeQuery = listQuery(z.strictObject({ category_id: uuid.optional(), counts, ...pageFields }))
export const itemQuery = listQuery(z.strictObject({ type_id: uuid.optional(), counts, ...pageFields }))

export type CategoryQuery = z.output<typeof categoryQuery>
export type TypeQuery = z.output<typeof typeQuery>
export type ItemQuery = z.output<typeof itemQuery>
export type CategoryCreate = z.output<typeof categoryCreate>
export type CategoryUpdate = z.output<typeof categoryUpdate>
export type TypeCreate = z.output<typeof typeCreate>
export type TypeUpdate = z.output<typeof typeUpdate>
export type ItemCreate = z.output<typeof itemCreate>
export type ItemUpdate = z.output<typeof itemUpdate>

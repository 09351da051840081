import { z } from './zod'
import { line, prose } from './text'

export const cannedResponseCreate = z.strictObject({
  title: line(100, 'Title'),
  content: prose(20_000, 'Content'),
  category: line(50, 'Category').nullable().default(null)
})

export const cannedResponseUpdate = z
  .strictObject({
    title: line(100, 'Title'),
    content: prose(20_000, 'Content'),
    category: line(50, 'Category').nullable()
  })
  .partial()

export type CannedResponseCreate = z.output<typeof cannedResponseCreate>
export type CannedResponseUpdate = z.output<typeof cannedResponseUpdate>

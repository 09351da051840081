import { z } from './zod'

// What answers of the API are made of.

export const id = z.uuid()
export const moment = z.iso.datetime({ offset: true })
export const day = z.iso.date()
export const count = z.int().min(0)

export const person = z.object({ id, full_name: z.string().nullable() })

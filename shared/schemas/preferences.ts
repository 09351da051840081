import { defaultPreferences, ticketColumns, type Preferences } from '../preferences'
import { z } from './zod'

export * from '../preferences'

const fields = {
  density: z.enum(['comfortable', 'compact'], 'Not a density'),
  /** The columns that are shown; their order is the list's own. */
  columns: z
    .array(z.enum(ticketColumns, 'Not a column'))
    .max(ticketColumns.length)
    .transform(columns => ticketColumns.filter(column => columns.includes(column))),
  /** Whether single keys act; the palette and sending a reply work without. */
  shortcuts: z.boolean('Must be true or false')
}

/** What a person changes of their preferences: the keys that are given. */
export const preferencesUpdate = z.strictObject(fields).partial()

/** Stored preferences with the default for every key that is missing or no longer understood. */
export function readPreferences(stored: unknown): Preferences {
  const given = stored !== null && typeof stored === 'object' ? (stored as Record<string, unknown>) : {}
  return {
    density: fields.density.safeParse(given.density).data ?? defaultPreferences.density,
    columns: fields.columns.safeParse(given.columns).data ?? defaultPreferences.columns,
    shortcuts: fields.shortcuts.safeParse(given.shortcuts).data ?? defaultPreferences.shortcuts
  }
}

import { defaultPreferences, ticketColumns, type Preferences } from '../preferences'
import { z } from './zod'

export * from '../preferences'

const fields = {
  density: z.enum(['comfortable', 'compact'], 'Not a density'),
  /** The visible columns; the list defines their order. */
  columns: z
    .array(z.enum(ticketColumns, 'Not a column'))
    .max(ticketColumns.length)
    .transform(columns => ticketColumns.filter(column => columns.includes(column))),
  /** Whether single-key shortcuts work. The palette and sending a reply work without them. */
  shortcuts: z.boolean('Must be true or false')
}

/** A partial update: absent keys keep their values. */
export const preferencesUpdate = z.strictObject(fields).partial()

/** Stored preferences, with the default for every key that is missing or no longer valid. */
export function readPreferences(stored: unknown): Preferences {
  const given = stored !== null && typeof stored === 'object' ? (stored as Record<string, unknown>) : {}
  return {
    density: fields.density.safeParse(given.density).data ?? defaultPreferences.density,
    columns: fields.columns.safeParse(given.columns).data ?? defaultPreferences.columns,
    shortcuts: fields.shortcuts.safeParse(given.shortcuts).data ?? defaultPreferences.shortcuts
  }
}

import { sql, type RawBuilder } from 'kysely'

/** A text in the order of readers, whatever the database's own; shared/utils/collation.ts is the same for browsers. */
export function alphabetical(text: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`${text} collate "und-x-icu"`
}

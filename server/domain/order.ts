import { sql, type RawBuilder } from 'kysely'

/** Sorts text in alphabetical order, independent of the database's collation. shared/utils/collation.ts is the same for browsers. */
export function alphabetical(text: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`${text} collate "und-x-icu"`
}

import type { ColumnType, Transaction } from 'kysely'
import type { Database as Generated } from '#shared/types/database.types'

type Tables = Generated['public']['Tables']

// The generated types say what may be left out on insert; Kysely wants that column by column.
type Table<T extends { Row: object; Insert: object; Update: object }> = {
  [C in keyof T['Row']]: ColumnType<
    T['Row'][C],
    C extends keyof T['Insert'] ? T['Insert'][C] : never,
    C extends keyof T['Update'] ? T['Update'][C] : never
  >
}

export type Database = { [T in keyof Tables]: Table<Tables[T]> }

/** A transaction under somebody's identity: the first argument of every domain function. */
export type Db = Transaction<Database>

import type { Transaction } from 'kysely'
import type { DB } from './database.types'

export type Database = DB

/** A transaction under the caller's identity: the first argument of every domain function. */
export type Db = Transaction<Database>

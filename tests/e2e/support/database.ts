import postgres, { type Sql } from 'postgres'

let connection: Sql | undefined

/** The database of the product, as its owner. One connection per worker, closed after a second without use. */
export function database(): Sql {
  return (connection ??= postgres(process.env.E2E_DATABASE_URL!, { max: 1, idle_timeout: 1, onnotice: () => {} }))
}

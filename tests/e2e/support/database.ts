import postgres, { type Sql } from 'postgres'

let connection: Sql | undefined

/** The database of the product, as its owner. Each worker has one connection, which closes after a second without queries. */
export function database(): Sql {
  return (connection ??= postgres(process.env.E2E_DATABASE_URL!, { max: 1, idle_timeout: 1, onnotice: () => {} }))
}

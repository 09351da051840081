import postgres, { type Sql } from 'postgres'

let connection: Sql | undefined

/** The database of the product, as its owner. One connection for a worker, which closes when nobody has used it for a second. */
export function database(): Sql {
  return (connection ??= postgres(process.env.E2E_DATABASE_URL!, { max: 1, idle_timeout: 1, onnotice: () => {} }))
}

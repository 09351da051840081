import { createJiti } from 'jiti'
import { fileURLToPath } from 'node:url'

// A process that works on bulk operations as a server does, to be killed in the middle.
const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const jiti = createJiti(import.meta.url, { alias: { '#shared': at('shared'), '#server': at('server') } })
const { open } = await jiti.import<typeof import('#server/db/pool')>(at('server/db/pool.ts'))
const { continueBulkOperations } = await jiti.import<typeof import('#server/jobs/bulk-operations')>(at('server/jobs/bulk-operations.ts'))

const pool = open(process.argv[2]!, 2)
process.send!('ready')
await continueBulkOperations(new AbortController().signal, pool.kysely)
await pool.close()
process.disconnect()

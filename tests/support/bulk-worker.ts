import { loadModule } from '../../scripts/server-modules.ts'

// A process that continues bulk operations like a server. Tests kill it halfway.
const { closePool, configureDatabase } = await loadModule('server/db/pool')
const { continueBulkOperations } = await loadModule('server/jobs/bulk-operations')

configureDatabase(process.argv[2]!, 2)
process.send!('ready')
await continueBulkOperations(new AbortController().signal)
await closePool()
process.disconnect()

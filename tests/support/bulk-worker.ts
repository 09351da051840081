import { loadModule } from '../../scripts/server-modules.ts'

// A process that works on bulk operations as a server does, to be killed in the middle.
const { closePool, configureDatabase } = await loadModule('server/db/pool')
const { continueBulkOperations } = await loadModule('server/jobs/bulk-operations')

configureDatabase(process.argv[2]!, 2)
process.send!('ready')
await continueBulkOperations(new AbortController().signal)
await closePool()
process.disconnect()

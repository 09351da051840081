import { closePool, configureDatabase } from '../db/pool'
import { stopJobs } from '../jobs/queue'

export default defineNitroPlugin((nitroApp) => {
  configureDatabase(useRuntimeConfig().databaseUrl)
  // Jobs use the pool: they end first.
  nitroApp.hooks.hook('close', async () => {
    await stopJobs()
    await closePool()
  })
})

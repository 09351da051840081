import { closeMail } from '../adapters/mail'
import { closePool, configureDatabase } from '../db/pool'
import { stopJobs } from '../jobs/boss'
import { stopWorkers } from '../jobs/worker'

export default defineNitroPlugin(nitroApp => {
  configureDatabase(useRuntimeConfig().databaseUrl)
  // Jobs and workers use the pool and the mail server: stop them first.
  nitroApp.hooks.hook('close', async () => {
    await Promise.all([stopJobs(), stopWorkers()])
    closeMail()
    await closePool()
  })
})

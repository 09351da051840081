import { closePool } from '../db/pool'

export default defineNitroPlugin((nitroApp) => {
  nitroApp.hooks.hook('close', closePool)
})

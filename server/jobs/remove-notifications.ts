import { asService } from '../db/identity'
import { removeOldNotifications } from '../domain/notification/remove'
import { runBatches } from './batches'
import type { Job } from './boss'

const batchSize = 5_000

export const removeNotificationsJob: Job = {
  name: 'remove-notifications',
  async run(stopping) {
    await runBatches(stopping, () => asService('removing old notifications', db => removeOldNotifications(db, batchSize)))
  }
}

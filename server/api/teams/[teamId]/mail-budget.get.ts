import { getMailBudget } from '#server/domain/mail/budget'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'jobs.manage')
  return db(tx => getMailBudget(tx, teamId))
})

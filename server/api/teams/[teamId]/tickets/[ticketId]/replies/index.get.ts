import { listReplies } from '#server/domain/reply'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  const ticketId = uuidParam(event, 'ticketId')
  return db(tx => listReplies(tx, teamId, ticketId))
})

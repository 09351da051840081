import { removeParticipant } from '#server/domain/participant'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.update')
  const [ticketId, contactId] = [uuidParam(event, 'ticketId'), uuidParam(event, 'contactId')]
  await db(tx => removeParticipant(tx, teamId, ticketId, contactId))
  return noContent(event)
})

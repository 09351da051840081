import { participantCreate } from '#shared/schemas/contact'
import { addParticipant } from '#server/domain/participant'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'tickets.update')
  const ticketId = uuidParam(event, 'ticketId')
  const fields = await parseBody(event, participantCreate)
  return sendCreated(event, await db(tx => addParticipant(tx, caller, ticketId, fields)))
})

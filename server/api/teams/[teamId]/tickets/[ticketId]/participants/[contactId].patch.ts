import { participantUpdate } from '#shared/schemas/contact'
import { updateParticipant } from '#server/domain/participant'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.update')
  const of = { ticketId: uuidParam(event, 'ticketId'), contactId: uuidParam(event, 'contactId') }
  const changes = await parseBody(event, participantUpdate)
  return db(tx => updateParticipant(tx, teamId, of, changes))
})

import { getReplyDraft } from '#server/domain/reply-draft'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'own.manage')
  const ticketId = uuidParam(event, 'ticketId')
  return db(tx => getReplyDraft(tx, caller, ticketId))
})

import { replyDraftPut } from '#shared/schemas/reply-draft'
import { saveReplyDraft } from '#server/domain/reply-draft'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'own.manage')
  const ticketId = uuidParam(event, 'ticketId')
  const fields = await parseBody(event, replyDraftPut)
  return db(tx => saveReplyDraft(tx, caller, ticketId, fields))
})

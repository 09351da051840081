import { invitationToken } from '#shared/schemas/team'
import { previewInvitation } from '#server/domain/invitation'

export default defineEventHandler(async event => {
  setHeaders(event, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  const { db } = await openToAll(event)
  const token = tokenParam(event, invitationToken)
  return db(tx => previewInvitation(tx, token))
})

import { pageQuery } from '#shared/schemas/page'
import { listReplyDrafts } from '#server/domain/reply-draft'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'own.manage')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listReplyDrafts(tx, caller, query)))
})

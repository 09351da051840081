import { draftArticle } from '#server/domain/article/ticket-draft'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'articles.manage')
  const ticketId = uuidParam(event, 'ticketId')
  return sendCreated(event, await db(tx => draftArticle(tx, caller, ticketId)))
})

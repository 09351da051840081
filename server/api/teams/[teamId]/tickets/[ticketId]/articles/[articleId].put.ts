import { citeArticle } from '#server/domain/article/citation'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'replies.create')
  const of = { ticketId: uuidParam(event, 'ticketId'), articleId: uuidParam(event, 'articleId') }
  return db(tx => citeArticle(tx, caller, of))
})

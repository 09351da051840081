import { removeCitation } from '#server/domain/article/citation'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'replies.create')
  const [ticketId, articleId] = [uuidParam(event, 'ticketId'), uuidParam(event, 'articleId')]
  await db(tx => removeCitation(tx, teamId, ticketId, articleId))
  return noContent(event)
})

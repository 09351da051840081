import { ticketInclude } from '#shared/schemas/ticket'
import { withArticles } from '#server/domain/article/citation'
import { withAttachments } from '#server/domain/attachment/attachment'
import { withReplies } from '#server/domain/reply'
import { getTicket } from '#server/domain/ticket/get'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  // Links to tickets carry the number, rows of lists the id.
  const number = /^\d{1,9}$/.exec(getRouterParam(event, 'ticketId') ?? '')?.[0]
  const key = number === undefined ? uuidParam(event, 'ticketId') : Number(number)
  const { include } = parseQuery(event, ticketInclude)
  const { ticket, isTruncated } = await db(async tx => {
    const ticket = await withArticles(tx, await withAttachments(tx, await getTicket(tx, teamId, key)))
    return include?.includes('replies') ? withReplies(tx, ticket) : { ticket, isTruncated: false }
  })
  if (isTruncated) setTruncated(event)
  return ticket
})

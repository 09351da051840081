import { archiveQuery } from '#shared/schemas/attachment'
import { getArchive } from '#server/domain/attachment/archive'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  const { ticket } = parseQuery(event, archiveQuery)
  await sendArchive(event, await db(tx => getArchive(tx, teamId, ticket, unscannedPolicy())))
})

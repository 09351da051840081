import { portalNumber } from '#shared/schemas/portal'
import { findPortalTeam } from '#server/domain/portal/client'
import { getPortalFile } from '#server/domain/portal/ticket'

/** A file of a ticket for a client. The caller is not one of the API, so that this is no route of it: pages of the portal link to it. */
export default defineEventHandler(async event => {
  const slug = getRouterParam(event, 'team') ?? ''
  const number = portalNumber.safeParse(getRouterParam(event, 'number')).data
  const fileId = uuidParam(event, 'file')
  const team = /^[a-z0-9-]{1,100}$/.test(slug) ? await asAnonymous(tx => findPortalTeam(tx, slug)) : undefined
  if (!team || number === undefined) throw notFound()
  const caller = await findPortalCaller(event, team, number)
  if (caller === null || caller === 'not_client') throw notFound()
  event.context.portalLocale = caller.client.locale ?? undefined
  const file = await caller.db(tx => getPortalFile(tx, team.id, { number, fileId, unscanned: unscannedPolicy() }))
  event.context.teamCaller = { principal: `client:${clientNetwork(event)}`, teamId: team.id }
  await sendAttachment(event, file)
})

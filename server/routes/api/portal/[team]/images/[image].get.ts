import { findPortalTeam } from '#server/domain/portal/client'
import { getArticleImage } from '#server/domain/article/image'
import type { Run } from '#server/utils/auth'

/**
 * A picture of an article for readers of the help centre. The caller is a client or nobody, as for its pages. Caches may keep a picture
 * that anybody may see for five minutes: its article may be taken from the readers.
 */
export default defineEventHandler(async event => {
  const network = clientNetwork(event)
  await countRequest(event, 'images', network)
  const slug = getRouterParam(event, 'team') ?? ''
  const team = /^[a-z0-9-]{1,100}$/.test(slug) ? await asAnonymous(tx => findPortalTeam(tx, slug)) : undefined
  if (!team) throw notFound()
  const imageId = uuidParam(event, 'image')
  const principal = `client:${network}`
  const read = (run: Run) => unlessMissing(() => run(tx => getArticleImage(tx, team.id, imageId, unscannedPolicy())))
  const readAsClient = async () => {
    const caller = await findPortalCaller(event, team)
    return caller === null || caller === 'not_client' ? null : read(caller.db)
  }
  const publicImage = await read(limitTurns(event, asAnonymous, { principal, teamId: team.id }))
  const image = publicImage ?? (await readAsClient())
  if (!image) throw notFound()
  event.context.teamCaller = { principal, teamId: team.id }
  await sendAttachment(event, { ...image, team_id: team.id }, { isPublic: publicImage !== null })
})

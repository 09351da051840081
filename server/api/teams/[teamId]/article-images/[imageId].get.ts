import { getArticleImage } from '#server/domain/article/image'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.view')
  const imageId = uuidParam(event, 'imageId')
  const image = await db(tx => getArticleImage(tx, teamId, imageId, unscannedPolicy()))
  await sendAttachment(event, { ...image, team_id: teamId })
})

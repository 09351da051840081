export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'articles.manage')
  return sendCreated(event, await receiveArticleImage(event, { caller, db }))
})

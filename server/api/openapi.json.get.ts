import { apiDocument } from '#server/openapi/document'

export default defineEventHandler(event => {
  const { json, etag } = apiDocument()
  setHeader(event, 'content-type', 'application/json')
  return handleCacheHeaders(event, { etag, maxAge: 300 }) ? null : json
})

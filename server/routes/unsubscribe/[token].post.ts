import { mailToken } from '#shared/schemas/team'
import { unsubscribe } from '#server/domain/notification/unsubscribe'

/**
 * RFC 8058: a mail client posts this form to the URL of the List-Unsubscribe header, without a cookie. A browser that opens
 * the URL gets the page of the same path.
 */
export default defineEventHandler(async event => {
  setHeaders(event, { 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' })
  const { db } = await openToAll(event)
  const token = tokenParam(event, mailToken)
  const form = new URLSearchParams((await readBytes(event, 4096)).toString('utf8'))
  const isMultipart = getHeader(event, 'content-type')?.startsWith('multipart/form-data')
  if (form.get('List-Unsubscribe') !== 'One-Click' && !isMultipart)
    throw failure(400, 'invalid', 'The form must contain List-Unsubscribe=One-Click')
  await db(tx => unsubscribe(tx, token))
  return 'You get no more notifications of this team by mail, except about API keys that act as you.\n'
})

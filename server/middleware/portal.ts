import type { H3Event } from 'h3'
import type { PortalPage } from '#shared/types/portal'
import { asService } from '../db/identity'
import { findPortalAddress, recordSignInLink } from '../domain/portal/client'

/**
 * Pages of the portal work without scripts: this does what their forms ask for, and finds what they show, before Nuxt renders them.
 * A form that was accepted is answered with 303, so that a reload sends nothing again.
 */
export default defineEventHandler(async event => {
  const place = portalPlaceOf(event.path)
  if (place === null || event.context.portal) return
  const page = await preparePortalPage(event, place, {
    findContact: (teamId, address) => asService('portal sign-in', db => findPortalAddress(db, teamId, address)),
    record: (teamId, address, token) => asService('portal sign-in', db => recordSignInLink(db, teamId, address, token))
  })
  if ('redirect' in page) return sendRedirect(event, page.redirect, page.status ?? 303)
  if (isKnownToBrowser(event, page)) {
    setResponseStatus(event, 304)
    return null
  }
  hideSession(event)
  event.context.portal = page
})

// The script of the portal asks every 20 seconds whether a ticket has changed: then the page need not be rendered.
function isKnownToBrowser(event: H3Event, { etag }: PortalPage): boolean {
  if (event.method === 'POST' || etag === '') return false
  setHeader(event, 'etag', etag)
  return getHeader(event, 'if-none-match') === etag
}

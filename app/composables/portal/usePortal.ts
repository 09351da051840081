import { portalTexts } from '#shared/texts/portal'
import type { PortalPage, PortalView } from '#shared/types/portal'

/** What the server found for this page of the portal, and the sentences in the client's language. On the server only. */
export function usePortal() {
  const page = useRequestEvent()?.context.portal as PortalPage | undefined
  if (!page) throw createError({ statusCode: 404, message: 'Pages of the portal are rendered by the server', fatal: true })
  const texts = portalTexts(page.locale)
  return { ...page, texts, time: portalTime(page) }
}

/** The same with what this page shows. */
export function usePortalView<Name extends PortalView['page']>(name: Name) {
  const portal = usePortal()
  if (portal.view.page !== name) throw createError({ statusCode: 500, message: `The server prepared ${portal.view.page}, not ${name}` })
  return { ...portal, team: portal.team!, view: portal.view as Extract<PortalView, { page: Name }> }
}

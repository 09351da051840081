import type { H3Event } from 'h3'
import { preferredLocale } from '#shared/texts/locale'
import { portalTexts } from '#shared/texts/portal'
import { portalProblemPage, problemOfStatus } from '#shared/texts/portal-problem'
import type { PortalPage } from '#shared/types/portal'
import { escapeHtml } from '#shared/utils/markdown'

/** Whether clients read what this path answers. */
export function isForClients(path: string): boolean {
  return /^\/(?:portal|p|help|rate|api\/portal)(?:[/?]|$)/.test(path)
}

/**
 * Answers an error with a page for clients that needs no rendering, in their language: for what is refused before a page is rendered, and
 * for a page that cannot be rendered. Sets the status.
 */
export function sendPlainPage(event: H3Event, status: number, { code, seconds }: { code?: string; seconds?: number } = {}): Promise<void> {
  const page = event.context.portal as PortalPage | undefined
  const locale =
    page?.locale ?? (event.context.portalLocale as PortalPage['locale'] | undefined) ?? preferredLocale(getHeader(event, 'accept-language'))
  const texts = portalTexts(locale)
  const team = page?.team ?? null
  const problem = problemOfStatus(status, code)
  const { title, text } = portalProblemPage(texts, problem, { team: team?.name ?? null, seconds })
  const isOver = problem === 'missing' || problem === 'refused'
  setResponseStatus(event, status)
  setResponseHeaders(event, {
    'content-type': 'text/html; charset=utf-8',
    'content-language': locale,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex'
  })
  return send(
    event,
    `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${event.method === 'POST' ? `<p>${escapeHtml(texts.goBackText)}</p>` : isOver ? '' : `<p><a href="${escapeHtml(event.path)}">${escapeHtml(texts.tryAgain)}</a></p>`}</main></body></html>
`
  )
}

const style = `:root{color-scheme:light dark}body{margin:0;background:#fafafa;color:#3f3f46;font:16px/1.5 system-ui,sans-serif}main{max-width:26rem;margin:10vh auto;padding:0 1rem}h1{color:#18181b;font-size:1.25rem}a{color:#4f46e5}@media (prefers-color-scheme:dark){body{background:#101013;color:#e4e4e7}h1{color:#fff}a{color:#a5b4fc}}`

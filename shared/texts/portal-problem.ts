import type { PortalPageProblem } from '../types/portal'
import type { PortalTexts } from './portal'

/** What a page says that cannot show what was asked for. `seconds`: when to try again. */
export function portalProblemPage(
  texts: PortalTexts,
  problem: PortalPageProblem,
  { team, seconds }: { team: string | null; seconds?: number }
): { title: string; text: string } {
  switch (problem) {
    case 'missing':
      return { title: texts.missingTitle, text: team === null ? texts.missingPageText : texts.missingText }
    case 'no_article':
      return { title: texts.help.missingTitle, text: texts.help.missingText }
    case 'link':
      return { title: texts.brokenLinkTitle, text: texts.brokenLinkText }
    case 'invitation':
      return { title: texts.brokenLinkTitle, text: texts.brokenInvitationText }
    case 'not_client':
      return { title: texts.notClientTitle, text: texts.notClientText(team ?? '') }
    case 'rate_limited':
      return { title: texts.tooManyTitle, text: texts.tooManyText(portalWait(texts, seconds)) }
    default:
      return { title: texts[`${camelCase[problem]}Title`], text: texts[`${camelCase[problem]}Text`] }
  }
}

const camelCase = {
  unavailable: 'unavailable',
  signed_out: 'signedOut',
  refused: 'refused',
  conflict: 'conflict',
  too_large: 'tooLarge',
  unreadable: 'unreadable',
  waiting_file: 'waitingFile',
  failed: 'failed'
} as const

/** The problem that a status of HTTP stands for. */
export function problemOfStatus(status: number, code?: string): PortalPageProblem {
  if (code === 'attachment_unscanned') return 'waiting_file'
  const problems: Record<number, PortalPageProblem | undefined> = {
    401: 'signed_out',
    403: 'refused',
    404: 'missing',
    409: 'conflict',
    413: 'too_large',
    429: 'rate_limited',
    502: 'unavailable',
    503: 'unavailable',
    504: 'unavailable'
  }
  return problems[status] ?? (status < 500 ? 'unreadable' : 'failed')
}

/** "a minute" or "12 minutes", rounded up. */
export function portalWait(texts: PortalTexts, seconds = 60): string {
  return texts.minutes(Math.ceil(seconds / 60))
}

import type { ArticleGap } from '#shared/types/api'

type GapKind = ArticleGap['kind']

/** How a gap was noticed. `times` names what is counted. */
export const gapTexts: Record<GapKind, { label: string; icon: string; times: [one: string, many: string] }> = {
  not_found: { label: 'Searched without a result', icon: 'i-lucide-search-x', times: ['1 search', '# searches'] },
  ignored: {
    label: 'The suggestion did not help, and a ticket was sent',
    icon: 'i-lucide-message-circle-x',
    times: ['1 ticket', '# tickets']
  },
  unhelpful: { label: 'Most readers did not find it helpful', icon: 'i-lucide-thumbs-down', times: ['1 reader', '# readers'] },
  missing: { label: 'A reader misses something', icon: 'i-lucide-message-circle-question', times: ['1 reader', '# readers'] },
  stale: { label: 'Tickets that cite it were opened again', icon: 'i-lucide-rotate-ccw', times: ['1 ticket', '# tickets'] }
}

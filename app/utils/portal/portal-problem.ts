import { portalWait } from '#shared/texts/portal-problem'
import type { PortalTexts } from '#shared/texts/portal'
import type { PortalProblem } from '#shared/types/portal'

/** The sentence for a refused form or field; undefined for none. */
export function portalProblem(texts: PortalTexts, problem: PortalProblem | undefined): string | undefined {
  if (!problem) return undefined
  switch (problem.kind) {
    case 'too_long':
      return texts.problems.too_long(problem.max ?? 0)
    case 'rate_limited':
      return texts.problems.rate_limited(portalWait(texts, problem.seconds))
    case 'infected':
      return texts.problems.infected(problem.name ?? '')
    default:
      return texts.problems[problem.kind]
  }
}

import type { SlaMetric } from '#shared/sla/clock'
import type { SlaReport } from '#shared/types/api'
import { addDays } from '#shared/utils/day'
import { formatSearch, maxTyped, type SearchKey } from '#shared/utils/search-query'
import { ticketListPath } from './stats'

/** Which clocks of the report a list is about; absent: all. */
export interface SlaSelection {
  result?: 'missed'
  metric?: SlaMetric | null
  policy?: Named
  agent?: Named
  /** A key. */
  category?: string
  /** The Monday of a week. */
  week?: string
}

interface Named {
  id: string | null
  name: string | null
}

/** The list of the tickets with clocks that the report counts. */
export function slaListPath(report: SlaReport, { result, metric, policy, agent, category, week }: SlaSelection) {
  const first = week && week > report.from ? week : report.from
  const end = week && addDays(week, 6)
  const last = end && end < report.to ? end : report.to
  const values: [SearchKey, string[]][] = [
    ['sla', result ? [result] : ['met', 'missed']],
    ['metric', metric ? [metric] : []],
    ['ended', [`${first}..${last}`]],
    ['policy', policy ? [valueOf(policy, report.per_policy)] : []],
    ['agent', agent ? [valueOf(agent, report.per_agent)] : []],
    ['category', category ? [category] : []]
  ]
  const items = values.filter(([, list]) => list.length > 0).map(([key, list]) => ({ key, values: list, not: false }))
  return ticketListPath({ q: formatSearch({ items, issues: [], unfinished: [] }) })
}

/** The name, or the id if the name is ambiguous or cannot be typed. */
function valueOf({ id, name }: Named, all: { name: string | null }[]): string {
  if (id === null) return 'none'
  const same = all.filter(other => other.name?.toLowerCase() === name?.toLowerCase())
  const isTypable = name !== null && !/["“”„]/u.test(name) && name.length < maxTyped / 2 && !['me', 'none'].includes(name.toLowerCase())
  return isTypable && same.length === 1 ? name : id
}

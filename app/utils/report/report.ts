import type { SlaResult } from '#shared/types/api'
import type { ticketListPath } from './stats'

/** "24 min", "9.4 h", "3.2 days", or a dash for null. */
export function duration(hours: number | null): string {
  if (hours === null) return '—'
  const minutes = Math.round(hours * 60)
  if (minutes < 60) return `${minutes} min`
  return hours < 47.95 ? `${decimal.format(hours)} h` : `${decimal.format(hours / 24)} days`
}

export interface ReportChange {
  text: string
  /** The direction of the change; null if there is none. */
  direction: 'up' | 'down' | null
}

/** A large figure of a report. `to` leads to the list of the counted tickets. */
export interface ReportFigure {
  label: string
  value: string
  context: string[]
  change?: ReportChange
  to?: ReturnType<typeof ticketListPath>
}

export interface ChartSeries {
  label: string
  color: string
  line?: 'solid' | 'dashed' | 'dotted'
}

/** A step of the x axis. A value that is null leaves a gap in its line. The tooltip shows the title and the lines. */
export interface ChartPoint {
  tick: string
  title: string
  lines: string[]
  values: (number | null)[]
}

/** Compares a count with that of the `window` days before: "12% more than in the 30 days before". */
export function countChange(now: number, before: number, window: number): ReportChange {
  if (before === 0)
    return { text: now === 0 ? `also none in the ${window} days before` : `none in the ${window} days before`, direction: null }
  return describeChange(now, before, window, { more: 'more', less: 'fewer', same: 'as many' })
}

/** Compares a duration with that of the `window` days before: "12% faster than in the 30 days before". */
export function durationChange(now: number | null, before: number | null, window: number): ReportChange {
  if (now === null) return { text: 'nothing to measure', direction: null }
  if (!before) return { text: `nothing to compare in the ${window} days before`, direction: null }
  return describeChange(now, before, window, { more: 'slower', less: 'faster', same: 'as fast' })
}

/** "66.6%" for a share from 0 to 1, or a dash for null. Cut, so that 100% means all. */
export function shareText(share: number | null): string {
  return share === null ? '—' : `${decimal.format(Math.floor(Math.round(share * 10_000) / 10) / 10)}%`
}

/** "75% of 4", or "none ended". */
export function resultText({ met, missed, compliance }: SlaResult): string {
  return compliance === null ? 'none ended' : `${shareText(compliance)} of ${met + missed}`
}

/** "4.6", or a dash for null. */
export function averageRating(average: number | null): string {
  return average === null ? '—' : rating.format(average)
}

/** How many of those who were asked have rated: "8 of 20 rated (40%)". */
export function responseRate({ asked, rated }: { asked: number; rated: number }): string {
  return asked === 0 ? 'nobody was asked' : `${rated} of ${asked} rated (${Math.round((rated / asked) * 100)}%)`
}

/** Compares an average rating with that of the `window` days before, in points: "0.4 better than in the 30 days before". */
export function ratingChange(now: number | null, before: number | null, window: number): ReportChange {
  if (now === null) return { text: 'no ratings', direction: null }
  if (before === null) return { text: `no ratings in the ${window} days before`, direction: null }
  const points = Math.round((now - before) * 10) / 10
  if (points === 0) return { text: `as good as in the ${window} days before`, direction: null }
  return points > 0
    ? { text: `${rating.format(points)} better than in the ${window} days before`, direction: 'up' }
    : { text: `${rating.format(-points)} worse than in the ${window} days before`, direction: 'down' }
}

/** "21 Nov" for a day (YYYY-MM-DD), independent of the reader's time zone. */
export function dayText(date: string, style: 'short' | 'long' = 'short'): string {
  return (style === 'short' ? shortDay : longDay).format(new Date(`${date}T00:00:00Z`))
}

/** Evenly spaced axis ticks from 0 to at least `highest`, six at most. */
export function countTicks(highest: number): number[] {
  const rough = Math.max(1, highest / 4)
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(factor => factor * magnitude).find(candidate => candidate >= rough)!
  return Array.from({ length: Math.max(1, Math.ceil(highest / step)) + 1 }, (_, index) => index * step)
}

const rating = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const decimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const longDay = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })

function describeChange(now: number, before: number, window: number, words: { more: string; less: string; same: string }): ReportChange {
  const percent = Math.round((Math.abs(now - before) / before) * 100)
  if (percent === 0) return { text: `${words.same} as in the ${window} days before`, direction: null }
  return now > before
    ? { text: `${percent}% ${words.more} than in the ${window} days before`, direction: 'up' }
    : { text: `${percent}% ${words.less} than in the ${window} days before`, direction: 'down' }
}

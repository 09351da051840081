import { sql } from 'kysely'
import { openIntervals, type CalendarHours, type OpenPeriod } from '#shared/sla/calendar'
import type { PauseReason, SlaMetric } from '#shared/sla/clock'
import type { Db } from '../../db/types'
import { currentCoverage } from '../calendar/coverage'
import type { NeededFacts } from './life'
import type { ReplayPolicy } from './replay'

/** What a simulation tries, as it is stored. */
export interface Draft {
  policy: DraftPolicy | null
  calendar: DraftCalendar | null
}

export interface DraftPolicy {
  /** The policy that it replaces; null: it is new. */
  id: string | null
  name: string
  /** Null: that of the policy that it replaces, or 0. */
  position: number | null
  is_active: boolean
  conditions: Condition[]
  target_by: 'priority' | 'severity'
  targets: Targets
  calendar_id: string | null
  pauses: Pauses
  reopen_percent: number
}

export interface DraftCalendar {
  /** The calendar that it replaces; null: the policy of the draft counts its hours. */
  id: string | null
  time_zone: string
  hours: CalendarHours[]
  holidays: { date: string }[]
}

/** The policies as they are and as the draft has them, in the order in which they are tried. */
export interface Rules {
  old: ReplayPolicy[]
  new: ReplayPolicy[]
  needed: NeededFacts
}

interface Condition {
  key: string
  values: string[]
  not: boolean
}
type Targets = Partial<Record<SlaMetric, Record<string, number>>>
type Pauses = Partial<Record<SlaMetric, PauseReason[]>>

type PolicyRow = Omit<DraftPolicy, 'id' | 'name' | 'position'> & { id: string; position: number }

/** Computes the open hours of a draft's calendar, which may take 100 ms. */
export async function loadRules(db: Db, teamId: string, { policy, calendar }: Draft, now: number): Promise<Rules> {
  const conditions = await inLowerCase(db, policy?.conditions ?? [])
  const { rows: present } = await sql<PolicyRow>`
    select id, position, is_active, ${lowerConditions('conditions')} as conditions, target_by, targets, calendar_id::text, pauses, reopen_percent
    from sla_policies where team_id = ${teamId} order by position, created_at, id`.execute(db)
  const changed = present.find(({ id }) => id === policy?.id)
  const drafted = policy && { ...policy, conditions, id: policy.id ?? 'draft', position: policy.position ?? changed?.position ?? 0 }
  const coming = [...present.map(row => (drafted && row === changed ? drafted : row)), ...(drafted && !changed ? [drafted] : [])]
  const calendarIds = [...present, ...coming].flatMap(({ calendar_id }) => calendar_id ?? [])
  const periods = await loadPeriods(db, teamId, [...new Set(calendarIds)])
  const { from, until } = currentCoverage(now)
  const draftPeriod = calendar && openIntervals(calendar, from, until)
  const before = (row: PolicyRow) => (row.calendar_id === null ? null : periods.get(row.calendar_id)!)
  const after = (row: PolicyRow) => {
    const isDrafted = calendar && (calendar.id === null ? row === drafted && row.calendar_id === null : row.calendar_id === calendar.id)
    return isDrafted ? draftPeriod! : before(row)
  }
  // Stable, so that policies of one position keep their order.
  const ordered = coming.toSorted((a, b) => a.position - b.position)
  const keys = new Set([...present, ...coming].flatMap(row => row.conditions.map(({ key }) => key)))
  return {
    old: present.filter(({ is_active }) => is_active).map(row => asReplayPolicy(row, before(row))),
    new: ordered.filter(({ is_active }) => is_active).map(row => asReplayPolicy(row, after(row))),
    needed: {
      tag: keys.has('tag'),
      organization: keys.has('organization') || keys.has('tier')
    }
  }
}

function asReplayPolicy(row: PolicyRow, calendar: OpenPeriod | null): ReplayPolicy {
  return {
    conditions: row.conditions,
    targetBy: row.target_by,
    targets: row.targets,
    pauses: row.pauses,
    reopenPercent: row.reopen_percent,
    calendar
  }
}

async function loadPeriods(db: Db, teamId: string, ids: string[]): Promise<Map<string, OpenPeriod>> {
  type Stored = { from: number; until: number; intervals: [opensAt: number, closesAt: number, beforeSeconds: number][] }
  const { rows } = await sql<{ periods: Record<string, Stored> }>`
    select private.calendar_periods(${teamId}, ${ids}::uuid[]) as periods`.execute(db)
  return new Map(
    Object.entries(rows[0]!.periods).map(([id, { from, until, intervals }]) => [
      id,
      { from, until, intervals: intervals.map(([opensAt, closesAt, beforeSeconds]) => ({ opensAt, closesAt, beforeSeconds })) }
    ])
  )
}

// By Postgres, as private.matches_policy() compares them.
async function inLowerCase(db: Db, conditions: Condition[]): Promise<Condition[]> {
  const { rows } = await sql<{ conditions: Condition[] }>`
    select ${lowerConditions('given')} as conditions from (select ${JSON.stringify(conditions)}::text::jsonb as given) as draft`.execute(db)
  return rows[0]!.conditions
}

function lowerConditions(column: string) {
  return sql`(
    select coalesce(jsonb_agg(entry || jsonb_build_object('values', (
      select jsonb_agg(lower(value)) from jsonb_array_elements_text(entry -> 'values') as value
    ))), '[]') from jsonb_array_elements(${sql.ref(column)}) as entry)`
}

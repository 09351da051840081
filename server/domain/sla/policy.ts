import { sql } from 'kysely'
import type { PageQuery } from '#shared/schemas/page'
import type { PolicyCreate, PolicyUpdate } from '#shared/schemas/sla'
import type { PolicyApplication, SlaPolicy } from '#shared/types/api'
import { formatSearch, type SearchOperator } from '#shared/utils/search-query'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { listOf, mapList, type List } from '../page'
import { deleteOrRefuse, notFound } from '../refusal'

/** In the order in which they are tried. */
export async function listPolicies(db: Db, teamId: string, query: PageQuery): Promise<List<SlaPolicy>> {
  const list = await listOf(db, policyRows(db, teamId).orderBy('policy.position').orderBy('policy.created_at').orderBy('policy.id'), query)
  return mapList(list, asPolicy)
}

export async function getPolicy(db: Db, teamId: string, policyId: string): Promise<SlaPolicy> {
  const row = await policyRows(db, teamId).where('policy.id', '=', policyId).executeTakeFirst()
  if (!row) throw notFound()
  return asPolicy(row)
}

/**
 * Throws 400 for a calendar of another team, 422 `policy_limit` beyond 50 policies, 422 `escalation_member` if a new escalation names
 * somebody who is not in the team.
 */
export async function createPolicy(db: Db, { teamId, userId }: Caller, fields: PolicyCreate): Promise<SlaPolicy> {
  const { id } = await db
    .insertInto('sla_policies')
    .values({ ...asColumns(fields), name: fields.name, targets: JSON.stringify(fields.targets), team_id: teamId, created_by: userId })
    .returning('id')
    .executeTakeFirstOrThrow()
  return getPolicy(db, teamId, id)
}

/** Changes what later tickets and messages get; `applyPolicies` changes the open clocks. */
export async function updatePolicy(db: Db, teamId: string, policyId: string, changes: PolicyUpdate): Promise<SlaPolicy> {
  if (Object.keys(changes).length > 0)
    await db.updateTable('sla_policies').set(asColumns(changes)).where('team_id', '=', teamId).where('id', '=', policyId).execute()
  return getPolicy(db, teamId, policyId)
}

/** Its clocks go on as they are. */
export async function deletePolicy(db: Db, teamId: string, policyId: string): Promise<void> {
  await deleteOrRefuse(db.deleteFrom('sla_policies').where('team_id', '=', teamId).where('id', '=', policyId))
}

/** Has a job apply the policies to the clocks of all open tickets. Ended clocks stay as they are. */
export async function applyPolicies(db: Db, teamId: string): Promise<PolicyApplication> {
  const { rows } = await sql<PolicyApplication>`select private.request_policies(${teamId}) as tickets`.execute(db)
  return rows[0]!
}

function asColumns<T extends PolicyUpdate>({ conditions, targets, pauses, escalations, ...fields }: T) {
  return {
    ...fields,
    ...(conditions && { conditions: JSON.stringify(conditions) }),
    ...(targets && { targets: JSON.stringify(targets) }),
    ...(pauses && { pauses: JSON.stringify(pauses) }),
    ...(escalations && { escalations: JSON.stringify(escalations) })
  }
}

type PolicyRow = Omit<SlaPolicy, 'conditions'> & { conditions: SearchOperator[] }

function asPolicy({ conditions, ...row }: PolicyRow): SlaPolicy {
  return { ...row, conditions: formatSearch({ items: conditions, issues: [], unfinished: [] }) }
}

function policyRows(db: Db, teamId: string) {
  return db
    .selectFrom('sla_policies as policy')
    .leftJoin('calendars as calendar', 'calendar.id', 'policy.calendar_id')
    .select([
      'policy.id',
      'policy.team_id',
      'policy.name',
      'policy.position',
      'policy.is_active',
      'policy.conditions',
      'policy.target_by',
      'policy.targets',
      'policy.calendar_id',
      'calendar.name as calendar_name',
      'policy.pauses',
      'policy.warn_percent',
      'policy.reopen_percent',
      'policy.escalations',
      'policy.version',
      'policy.created_at',
      'policy.updated_at'
    ])
    .where('policy.team_id', '=', teamId)
    .$castTo<PolicyRow>()
}

import { everybody } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

export const analytics: AuthorizationRow[] = [
  { does: 'reads the report', by: everybody, key: 'read', route: { request: 'GET /teams/[teamId]/analytics/summary', status: 200 } },
  { does: 'reads the SLA report', by: everybody, key: 'read', route: { request: 'GET /teams/[teamId]/analytics/sla', status: 200 } },
  {
    does: 'downloads a table of the report',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/analytics/report.csv', status: 200, query: '?table=per_agent' }
  }
]

export const stats: AuthorizationRow[] = [
  { does: 'reads the dashboard', by: everybody, key: 'read', route: { request: 'GET /teams/[teamId]/stats', status: 200 } }
]

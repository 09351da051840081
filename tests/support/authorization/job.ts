import { acme, unknownId } from '../world.ts'
import { managers } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

export const jobs: AuthorizationRow[] = [
  { does: 'lists waiting and failed jobs', by: managers, route: { request: 'GET /teams/[teamId]/jobs', status: 200 } },
  {
    does: 'retries an unknown job',
    by: [],
    route: {
      request: 'POST /teams/[teamId]/jobs/[jobId]/retry',
      status: 404,
      parameters: () => ({ jobId: `mail-${unknownId}` }),
      refusals: { 'an owner': 404, 'an admin': 404 }
    }
  },
  {
    does: 'reads the jobs of the team',
    by: managers,
    sql: { table: 'public.webhook_deliveries', calls: 'team_jobs', run: sql => sql`select * from private.team_jobs(${acme.id})` }
  },
  {
    does: 'retries a failed delivery',
    by: managers,
    sql: {
      table: 'public.webhook_deliveries',
      calls: 'retry_job',
      run: sql => sql`select private.retry_job(${acme.id}, 'delivery', ${acme.delivery})`
    }
  },
  {
    does: 'reads the schedules of jobs',
    by: ['an owner', 'an admin', 'an owner of another team'],
    sql: { calls: 'schedules', run: sql => sql`select count(*) from private.schedules()` }
  }
]

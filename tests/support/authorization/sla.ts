import { acme, bob, initech, unknownId } from '../world.ts'
import { everybody, managers } from './principals.ts'
import { ofTicket, type AuthorizationRow } from './row.ts'

const ofPolicy = (team: { policy: string }) => ({ policyId: team.policy })
const ofSimulation = (team: { simulation: string }) => ({ simulationId: team.simulation })
const targets = { resolution: { urgent: 3600 } }

export const slaPolicies: AuthorizationRow[] = [
  {
    does: 'lists SLA policies',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/sla-policies', status: 200 },
    sql: { table: 'public.sla_policies', run: sql => sql`select * from sla_policies where id = ${acme.policy}` }
  },
  {
    does: 'adds an SLA policy',
    by: managers,
    route: { request: 'POST /teams/[teamId]/sla-policies', status: 201, body: () => ({ name: 'New', targets }) },
    sql: {
      table: 'public.sla_policies',
      run: (sql, { id }) =>
        sql`insert into sla_policies (team_id, name, targets, created_by) values (${acme.id}, 'New', ${sql.json(targets)}, ${id}) returning id`
    }
  },
  {
    does: "adds an SLA policy in Bob's name",
    by: [],
    sql: {
      table: 'public.sla_policies',
      run: sql =>
        sql`insert into sla_policies (team_id, name, targets, created_by) values (${acme.id}, 'New', ${sql.json(targets)}, ${bob.id}) returning id`
    }
  },
  {
    does: 'changes an SLA policy',
    by: managers,
    route: { request: 'PATCH /teams/[teamId]/sla-policies/[policyId]', status: 200, parameters: ofPolicy, body: () => ({ name: 'Other' }) },
    sql: {
      table: 'public.sla_policies',
      run: sql => sql`update sla_policies set name = 'Other', calendar_id = null, position = 3 where id = ${acme.policy} returning id`
    }
  },
  ...Object.entries({ id: unknownId, team_id: initech.id, version: 9, created_by: bob.id, created_at: '2020-01-01' }).map(
    ([column, value]): AuthorizationRow => ({
      does: `writes ${column} of an SLA policy`,
      by: [],
      sql: {
        table: 'public.sla_policies',
        run: sql => sql`update sla_policies set ${sql({ [column]: value })} where id = ${acme.policy} returning id`
      }
    })
  ),
  {
    does: 'deletes an SLA policy',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/sla-policies/[policyId]', status: 204, parameters: ofPolicy },
    sql: { table: 'public.sla_policies', run: sql => sql`delete from sla_policies where id = ${acme.policy} returning id` }
  },
  {
    does: 'applies the SLA policies to open tickets',
    by: managers,
    route: { request: 'POST /teams/[teamId]/sla-policies/apply', status: 202 },
    sql: {
      table: 'private.cleanups',
      calls: 'request_policies',
      prepare: sql => sql`insert into private.cleanups (team_id, kind, subject_id, channel) values (${acme.id}, 'member', ${bob.id}, 'ui')`,
      run: sql => sql`select private.request_policies(${acme.id}) as count`
    }
  }
]

const draft = (policy: string, calendar: string) => ({
  policy: { id: policy, name: 'Standard', conditions: [], targets, calendar_id: calendar },
  calendar: { id: calendar, time_zone: 'UTC', hours: [{ weekday: 1, opens: '09:00', closes: '17:00' }], holidays: [] }
})

export const slaSimulations: AuthorizationRow[] = [
  {
    does: 'tries a policy on the last 90 days',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/sla-policies/simulate',
      status: 202,
      body: team => ({ policy: { id: team.policy, name: 'Standard', targets } })
    },
    sql: {
      table: 'public.sla_simulations',
      calls: 'begin_sla_simulation',
      run: sql => sql`select private.begin_sla_simulation(${acme.id}, ${sql.json(draft(acme.policy, acme.calendar))}) as id`
    }
  },
  {
    does: 'lists SLA simulations',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/sla-simulations', status: 200 },
    sql: { table: 'public.sla_simulations', run: sql => sql`select * from sla_simulations where id = ${acme.simulation}` }
  },
  {
    does: 'reads an SLA simulation',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/sla-simulations/[simulationId]', status: 200, parameters: ofSimulation }
  },
  {
    does: 'lists the clocks of an SLA simulation',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/sla-simulations/[simulationId]/clocks', status: 200, parameters: ofSimulation },
    sql: {
      table: 'public.sla_simulation_clocks',
      run: sql => sql`select * from sla_simulation_clocks where simulation_id = ${acme.simulation}`
    }
  },
  {
    does: 'inserts an SLA simulation',
    by: [],
    sql: {
      table: 'public.sla_simulations',
      run: sql => sql`insert into sla_simulations (team_id, draft, from_at, total) values (${acme.id}, '{}', now(), 0) returning id`
    }
  },
  {
    does: 'writes the results of an SLA simulation',
    by: [],
    sql: {
      table: 'public.sla_simulations',
      run: sql => sql`update sla_simulations set results = '{}', status = 'done' where id = ${acme.simulation} returning id`
    }
  },
  {
    does: 'writes a clock of an SLA simulation',
    by: [],
    sql: {
      table: 'public.sla_simulation_clocks',
      run: sql => sql`update sla_simulation_clocks set new_result = 'met' where simulation_id = ${acme.simulation} returning id`
    }
  },
  {
    does: 'deletes an SLA simulation',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/sla-simulations/[simulationId]', status: 204, parameters: ofSimulation },
    sql: { table: 'public.sla_simulations', run: sql => sql`delete from sla_simulations where id = ${acme.simulation} returning id` }
  },
  {
    does: 'reads the open hours of calendars for the job',
    by: [],
    sql: {
      table: 'private.calendar_intervals',
      calls: 'calendar_periods',
      run: sql => sql`select private.calendar_periods(${acme.id}, ${[acme.calendar]}::uuid[]) as periods`
    }
  }
]

export const slaClocks: AuthorizationRow[] = [
  {
    does: 'reads the SLA clocks of a ticket',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/tickets/[ticketId]/sla', status: 200, parameters: ofTicket },
    sql: { table: 'public.sla_clocks', run: sql => sql`select * from sla_clocks where ticket_id = ${acme.tickets.bobs}` }
  },
  {
    does: 'reads how an SLA clock counted',
    by: everybody,
    key: 'read',
    sql: { table: 'public.sla_segments', run: sql => sql`select * from sla_segments where clock_id = ${acme.clock}` }
  },
  {
    does: 'reads the open hours of an SLA clock',
    by: everybody,
    key: 'read',
    sql: {
      calls: 'clock_intervals',
      prepare: sql => sql`update public.sla_clocks set calendar_id = ${acme.calendar} where id = ${acme.clock}`,
      run: sql => sql`select 1 from (select private.clock_intervals(${acme.id}, ${acme.clock}) as open) as read where open is not null`
    }
  },
  {
    does: 'writes an SLA clock',
    by: [],
    sql: { table: 'public.sla_clocks', run: sql => sql`update sla_clocks set state = 'achieved' where id = ${acme.clock} returning id` }
  },
  {
    does: 'deletes an SLA clock',
    by: [],
    sql: { table: 'public.sla_clocks', run: sql => sql`delete from sla_clocks where id = ${acme.clock} returning id` }
  },
  {
    does: 'writes a segment of an SLA clock',
    by: [],
    sql: {
      table: 'public.sla_segments',
      run: sql => sql`update sla_segments set open_seconds = 0 where clock_id = ${acme.clock} returning clock_id`
    }
  }
]

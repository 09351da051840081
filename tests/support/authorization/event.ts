import { acme } from '../world.ts'
import { agents, everybody, managers, signedIn } from './principals.ts'
import { ofTicket, type AuthorizationRow } from './row.ts'

const { bobs } = acme.tickets

export const audit: AuthorizationRow[] = [
  { does: 'reads the audit log', by: managers, route: { request: 'GET /teams/[teamId]/audit', status: 200 } },
  { does: 'pages through the audit log', by: managers, route: { request: 'GET /teams/[teamId]/audit', status: 200, query: '?cursor=' } },
  {
    does: 'reads the history of a ticket',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/tickets/[ticketId]/audit', status: 200, parameters: ofTicket },
    sql: { table: 'public.ticket_events', run: sql => sql`select * from ticket_events where ticket_id = ${bobs}` }
  },
  {
    does: 'reads the events of a deleted ticket',
    by: managers,
    sql: {
      table: 'public.ticket_events',
      prepare: sql => sql`delete from tickets where id = ${bobs}`,
      run: sql => sql`select * from ticket_events where ticket_id = ${bobs}`
    }
  },
  {
    does: 'writes an event',
    by: [],
    sql: {
      table: 'public.ticket_events',
      run: sql => sql`
      insert into ticket_events (team_id, ticket_id, ticket_number, type, channel)
      values (${acme.id}, ${bobs}, 1, 'ticket.deleted', 'ui') returning id`
    }
  },
  {
    does: 'writes an event with record_event()',
    by: [],
    sql: {
      table: 'public.ticket_events',
      calls: 'record_event',
      run: sql => sql`select private.record_event(${acme.id}, ${bobs}, 1, 'ticket.deleted', null, null)`
    }
  },
  {
    does: 'changes an event',
    by: [],
    sql: { table: 'public.ticket_events', run: sql => sql`update ticket_events set actor_id = null where ticket_id = ${bobs} returning id` }
  },
  {
    does: 'deletes an event',
    by: [],
    sql: { table: 'public.ticket_events', run: sql => sql`delete from ticket_events where ticket_id = ${bobs} returning id` }
  },
  {
    does: 'reads the types of events',
    by: signedIn,
    key: 'read',
    sql: {
      calls: ['event_types', 'ticket_event_types'],
      // Not a prepared statement: a cached plan holds the value of an immutable function, and no longer checks who may call it.
      run: sql => sql.unsafe('select private.event_types(), private.ticket_event_types()')
    }
  }
]

export const exports: AuthorizationRow[] = [
  { does: 'exports tickets', by: agents, key: 'export', route: { request: 'GET /teams/[teamId]/export/tickets.csv', status: 200 } },
  { does: 'exports the audit log', by: managers, route: { request: 'GET /teams/[teamId]/export/audit.csv', status: 200 } },
  {
    does: 'records an export of tickets',
    by: agents,
    key: 'export',
    sql: {
      table: 'public.ticket_events',
      calls: 'record_export',
      run: sql => sql`select private.record_export(${acme.id}, 'tickets', '{}')`
    }
  },
  {
    does: 'records an export of the audit log',
    by: managers,
    sql: { table: 'public.ticket_events', calls: 'record_export', run: sql => sql`select private.record_export(${acme.id}, 'audit', '{}')` }
  }
]

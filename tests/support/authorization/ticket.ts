import { acme, adam, bob, initech, unknownId, vera } from '../world.ts'
import { agents, everybody, managers } from './principals.ts'
import { ofTicket, ofUnassigned, type AuthorizationRow } from './row.ts'

const { bobs, unassigned, closed, anns } = acme.tickets
const newTicket = { subject: 'New', description: 'New' }
const importedTicket = {
  subject: 'x',
  description: 'x',
  format: 'text',
  status: 'open',
  priority: 'normal',
  severity: 3,
  category: 'other',
  route: [],
  tags: []
}
const later = new Date(Date.now() + 3_600_000).toISOString()

export const tickets: AuthorizationRow[] = [
  { does: 'lists tickets', by: everybody, key: 'read', client: 'own', route: { request: 'GET /teams/[teamId]/tickets', status: 200 } },
  {
    does: 'lists a page of tickets',
    by: everybody,
    key: 'read',
    client: 'own',
    route: { request: 'GET /teams/[teamId]/tickets', status: 200, query: '?page=1' }
  },
  {
    does: 'pages through tickets by cursor',
    by: everybody,
    key: 'read',
    client: 'own',
    route: { request: 'GET /teams/[teamId]/tickets', status: 200, query: '?cursor=' }
  },
  {
    does: 'counts tickets',
    by: everybody,
    key: 'read',
    client: 'own',
    route: { request: 'GET /teams/[teamId]/tickets/counts', status: 200 },
    sql: { table: 'public.tickets', run: sql => sql`select count(*) from tickets where team_id = ${acme.id} having count(*) > 0` }
  },
  {
    does: 'reads a ticket',
    by: everybody,
    key: 'read',
    client: 'own',
    session: 'own',
    route: { request: 'GET /teams/[teamId]/tickets/[ticketId]', status: 200, parameters: ofTicket },
    sql: { table: 'public.tickets', run: sql => sql`select * from tickets where id = ${bobs}` }
  },
  {
    does: 'reads a ticket with its replies',
    by: everybody,
    key: 'read',
    client: 'own',
    session: 'own',
    route: { request: 'GET /teams/[teamId]/tickets/[ticketId]', status: 200, parameters: ofTicket, query: '?include=replies' }
  },
  {
    does: 'reads a ticket by its number',
    by: everybody,
    key: 'read',
    client: 'own',
    route: { request: 'GET /teams/[teamId]/tickets/[ticketId]', status: 200, parameters: () => ({ ticketId: '1' }) }
  },
  {
    does: 'creates a ticket',
    by: agents,
    key: 'write',
    client: 'own',
    route: { request: 'POST /teams/[teamId]/tickets', status: 201, body: () => newTicket },
    sql: {
      table: 'public.tickets',
      run: (sql, { id }) =>
        sql`insert into tickets (team_id, subject, description, created_by) values (${acme.id}, 'New', 'New', ${id}) returning id`
    }
  },
  {
    does: 'creates an assigned ticket',
    by: managers,
    route: { request: 'POST /teams/[teamId]/tickets', status: 201, body: () => ({ ...newTicket, assigned_to: bob.id }) },
    sql: {
      table: 'public.tickets',
      run: (sql, { id }) => sql`
      insert into tickets (team_id, subject, description, assigned_to, created_by) values (${acme.id}, 'New', 'New', ${bob.id}, ${id})
      returning id`
    }
  },
  {
    does: 'creates a closed ticket',
    by: managers,
    route: { request: 'POST /teams/[teamId]/tickets', status: 201, body: () => ({ ...newTicket, status: 'closed' }) },
    sql: {
      table: 'public.tickets',
      run: (sql, { id }) => sql`
      insert into tickets (team_id, subject, description, status, created_by) values (${acme.id}, 'New', 'New', 'closed', ${id})
      returning id`
    }
  },
  {
    does: 'creates a resolved ticket',
    by: agents,
    key: 'write',
    route: { request: 'POST /teams/[teamId]/tickets', status: 201, body: () => ({ ...newTicket, status: 'resolved' }) },
    sql: {
      table: 'public.tickets',
      run: (sql, { id }) => sql`
      insert into tickets (team_id, subject, description, status, created_by) values (${acme.id}, 'New', 'New', 'resolved', ${id})
      returning id`
    }
  },
  ...Object.entries({
    subject: 'Other',
    description: 'Other',
    format: 'markdown',
    priority: 'urgent',
    severity: 1,
    category: 'question',
    status: 'resolved',
    requester_name: 'Rita',
    requester_email: 'rita@x.test',
    snoozed_until: later
  }).map(([column, value]): AuthorizationRow => ({
    does: `changes the ${column} of a ticket`,
    by: agents,
    key: 'write',
    client: column === 'status' ? 'own' : 'refused',
    route: { request: 'PATCH /teams/[teamId]/tickets/[ticketId]', status: 200, parameters: ofTicket, body: () => ({ [column]: value }) },
    sql: { table: 'public.tickets', run: sql => sql`update tickets set ${sql({ [column]: value })} where id = ${bobs} returning id` }
  })),
  {
    does: 'changes the tags of a ticket',
    by: agents,
    key: 'write',
    route: { request: 'PATCH /teams/[teamId]/tickets/[ticketId]', status: 200, parameters: ofTicket, body: () => ({ tags: ['a'] }) }
  },
  {
    does: 'assigns a ticket',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/tickets/[ticketId]',
      status: 200,
      parameters: ofUnassigned,
      body: () => ({ assigned_to: adam.id })
    },
    sql: { table: 'public.tickets', run: sql => sql`update tickets set assigned_to = ${adam.id} where id = ${unassigned} returning id` }
  },
  {
    does: 'assigns a ticket to Bob',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/tickets/[ticketId]',
      status: 200,
      parameters: ofUnassigned,
      body: () => ({ assigned_to: bob.id })
    }
  },
  {
    does: 'unassigns a ticket',
    by: managers,
    route: { request: 'PATCH /teams/[teamId]/tickets/[ticketId]', status: 200, parameters: ofTicket, body: () => ({ assigned_to: null }) }
  },
  {
    does: 'closes a ticket',
    by: managers,
    route: { request: 'PATCH /teams/[teamId]/tickets/[ticketId]', status: 200, parameters: ofTicket, body: () => ({ status: 'closed' }) },
    sql: { table: 'public.tickets', run: sql => sql`update tickets set status = 'closed' where id = ${bobs} returning id` }
  },
  {
    does: 'reopens a closed ticket',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/tickets/[ticketId]',
      status: 200,
      parameters: team => ({ ticketId: team.tickets.closed }),
      body: () => ({ status: 'open' })
    },
    sql: { table: 'public.tickets', run: sql => sql`update tickets set status = 'open' where id = ${closed} returning id` }
  },
  {
    does: 'deletes a ticket',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/tickets/[ticketId]', status: 204, parameters: ofTicket },
    sql: { table: 'public.tickets', run: sql => sql`delete from tickets where id = ${bobs} returning id` }
  },
  {
    does: 'claims a ticket',
    by: agents,
    key: 'write',
    route: { request: 'PUT /teams/[teamId]/tickets/[ticketId]/claim', status: 200, parameters: ofUnassigned },
    sql: {
      table: 'public.tickets',
      run: (sql, { id }) => sql`update tickets set assigned_to = ${id} where id = ${unassigned} returning id`
    }
  },
  {
    does: "releases Bob's ticket",
    by: ['a member'],
    key: 'write',
    route: {
      request: 'DELETE /teams/[teamId]/tickets/[ticketId]/claim',
      status: 200,
      parameters: ofTicket,
      refusals: { 'an owner': 409, 'an admin': 409 }
    }
  },
  {
    does: 'starts the work on a ticket',
    by: agents,
    key: 'write',
    sql: { table: 'public.tickets', run: sql => sql`update tickets set status = 'in_progress' where id = ${bobs} returning id` }
  },
  {
    does: "unassigns Adam's ticket",
    by: managers,
    sql: {
      table: 'public.tickets',
      prepare: sql => sql`update tickets set assigned_to = ${adam.id} where id = ${bobs}`,
      run: sql => sql`update tickets set assigned_to = null where id = ${bobs} returning id`
    }
  },
  {
    does: "assigns Ann's ticket to Bob",
    by: managers,
    sql: { table: 'public.tickets', run: sql => sql`update tickets set assigned_to = ${bob.id} where id = ${anns} returning id` }
  },
  {
    does: "upserts over another team's ticket",
    by: [],
    sql: {
      table: 'public.tickets',
      run: (sql, { id }) => sql`
      insert into tickets (id, team_id, subject, description, created_by)
      values (${initech.tickets.dans}, ${acme.id}, 'Mine', 'Mine', ${id}) on conflict (id) do update set subject = 'Mine' returning id`
    }
  },
  ...Object.entries({
    id: unknownId,
    team_id: initech.id,
    ticket_number: 99,
    channel: 'portal',
    created_by: bob.id,
    created_at: '2020-01-01',
    updated_at: '2020-01-01',
    first_response_at: '2020-01-01',
    resolved_at: '2020-01-01',
    closed_at: '2020-01-01',
    last_activity_at: '2020-01-01',
    last_message_at: '2020-01-01',
    last_message_by: 'agent',
    reply_count: 99,
    version: 99
  }).map(([column, value]): AuthorizationRow => ({
    does: `writes ${column} of a ticket`,
    by: [],
    sql: {
      table: 'public.tickets',
      run: sql => sql`update tickets set ${sql({ [column]: value })} where id = ${bobs} returning id`
    }
  })),
  ...Object.entries({
    ticket_number: 99,
    channel: 'portal',
    created_at: '2020-01-01',
    updated_at: '2020-01-01',
    first_response_at: '2020-01-01',
    resolved_at: '2020-01-01',
    closed_at: '2020-01-01',
    reply_count: 99,
    version: 99
  }).map(([column, value]): AuthorizationRow => ({
    does: `sets ${column} of a new ticket`,
    by: [],
    sql: {
      table: 'public.tickets',
      run: (sql, { id }) => sql`
      insert into tickets ${sql({ team_id: acme.id, subject: 'New', description: 'New', created_by: id, [column]: value })} returning id`
    }
  })),
  {
    does: 'reads rows of tickets',
    by: everybody,
    key: 'read',
    sql: { table: 'private.ticket_rows', run: sql => sql`select * from private.ticket_rows where id = ${acme.tickets.bobs}` }
  },
  {
    does: 'wakes a ticket',
    by: agents,
    key: 'write',
    sql: {
      table: 'public.tickets',
      prepare: sql => sql`update tickets set snoozed_until = ${later} where id = ${bobs}`,
      run: sql => sql`update tickets set snoozed_until = null where id = ${bobs} returning id`
    }
  },
  {
    does: 'sets who snoozed a ticket',
    by: [],
    sql: { table: 'public.tickets', run: sql => sql`update tickets set snoozed_by = ${vera.id} where id = ${bobs} returning id` }
  },
  {
    does: 'creates a snoozed ticket',
    by: [],
    sql: {
      table: 'public.tickets',
      run: (sql, { id }) => sql`
      insert into tickets (team_id, subject, description, created_by, snoozed_until) values (${acme.id}, 'x', 'x', ${id}, ${later})
      returning id`
    }
  },
  {
    does: 'imports a ticket',
    by: agents,
    key: 'write',
    sql: {
      table: 'public.tickets',
      calls: 'import_ticket',
      run: sql => sql`select private.import_ticket(${acme.id}, 'x', ${sql.json(importedTicket)}, '[]')`
    }
  },
  {
    does: 'imports a closed ticket',
    by: managers,
    sql: {
      table: 'public.tickets',
      calls: 'import_ticket',
      run: sql => sql`select private.import_ticket(${acme.id}, 'x', ${sql.json({ ...importedTicket, status: 'closed' })}, '[]')`
    }
  },
  {
    does: 'imports a reply into an imported ticket',
    by: agents,
    key: 'write',
    sql: {
      table: 'public.ticket_replies',
      calls: 'import_replies',
      prepare: sql => sql`insert into private.ticket_imports (team_id, source_id, ticket_id) values (${acme.id}, 'x', ${bobs})`,
      run: sql =>
        sql`select private.import_replies(${acme.id}, 'x', '{}', ${sql.json([{ content: 'x', format: 'text', is_internal: false }])}, null)`
    }
  }
]

export const search: AuthorizationRow[] = [
  {
    does: 'searches tickets',
    by: everybody,
    key: 'read',
    client: 'own',
    route: { request: 'GET /teams/[teamId]/search', status: 200, query: '?q=vpn' }
  },
  {
    does: 'finds tickets by their words',
    by: everybody,
    key: 'read',
    client: 'own',
    sql: {
      table: 'public.tickets',
      calls: 'found_tickets',
      run: sql => sql`select * from private.found_tickets(${acme.id}, private.search_term('vpn'))`
    }
  },
  {
    does: 'finds replies by their words',
    by: everybody,
    key: 'read',
    client: 'own',
    sql: {
      table: 'public.ticket_replies',
      calls: 'found_replies',
      run: sql => sql`select * from private.found_replies(${acme.id}, private.search_term('looking'))`
    }
  }
]

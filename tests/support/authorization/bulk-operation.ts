import type { TransactionSql } from 'postgres'
import { acme, adam, bob, vera } from '../world.ts'
import { agents, managers } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const later = new Date(Date.now() + 3_600_000).toISOString()

const operation = 'aaaaaaaa-0000-4000-8000-000000000821'

/** Inserts an operation of Bob on two tickets; `state` is that of each ticket. */
const insertOperation = (status: string, state: string) => async (sql: TransactionSql) => {
  await sql`insert into public.bulk_operations ${sql({ id: operation, team_id: acme.id, user_id: bob.id, action: 'set_priority', value: sql.json('urgent'), status, total: 2, updated: status === 'undoing' ? 2 : 0 })}`
  for (const ticket_id of [acme.tickets.bobs, acme.tickets.unassigned])
    await sql`insert into private.bulk_operation_tickets ${sql({ operation_id: operation, ticket_id, state, before: sql.json({ priority: 'low' }), after: sql.json({ priority: 'normal' }) })}`
}

export const bulk: AuthorizationRow[] = [
  ...(
    [
      ['set_status', 'waiting'],
      ['set_severity', 1],
      ['set_priority', 'urgent'],
      ['set_category', 'question'],
      ['add_tag', 'a'],
      ['snooze', later],
      ['remove_tag', 'vpn']
    ] as const
  ).map(([action, value]): AuthorizationRow => ({
    does: `changes tickets by ${action}`,
    by: agents,
    key: 'write',
    route: {
      request: 'POST /teams/[teamId]/tickets/bulk',
      status: 200,
      body: team => ({ ids: [team.tickets.bobs, team.tickets.anns], action, value })
    }
  })),
  {
    does: 'changes all tickets of a filter',
    by: agents,
    key: 'write',
    route: {
      request: 'POST /teams/[teamId]/tickets/bulk',
      status: 200,
      body: () => ({ filter: { status: ['open'], assigned_to: 'none' }, action: 'set_severity', value: 2 })
    }
  },
  {
    does: 'reassigns tickets',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/tickets/bulk',
      status: 200,
      body: team => ({ ids: [team.tickets.unassigned], action: 'reassign', value: adam.id })
    }
  },
  {
    does: 'assigns unassigned tickets to Bob',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/tickets/bulk',
      status: 200,
      body: team => ({ ids: [team.tickets.unassigned], action: 'reassign', value: bob.id })
    }
  },
  {
    does: 'closes tickets',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/tickets/bulk',
      status: 200,
      body: team => ({ ids: [team.tickets.bobs, team.tickets.anns], action: 'close' })
    }
  },
  {
    does: 'closes tickets by their status',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/tickets/bulk',
      status: 200,
      body: team => ({ ids: [team.tickets.bobs], action: 'set_status', value: 'closed' })
    }
  },
  {
    does: 'reopens closed tickets',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/tickets/bulk',
      status: 200,
      body: team => ({ ids: [team.tickets.bobs, team.tickets.closed], action: 'set_status', value: 'open' })
    }
  },
  {
    does: 'deletes tickets',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/tickets/bulk',
      status: 200,
      body: team => ({ ids: [team.tickets.bobs, team.tickets.closed], action: 'delete' })
    }
  }
]

export const operations: AuthorizationRow[] = [
  {
    does: "reads Bob's bulk change",
    by: ['a member'],
    route: {
      request: 'GET /teams/[teamId]/operations/[operationId]',
      status: 200,
      parameters: team => ({ operationId: team.operation }),
      refusals: { 'an owner': 404, 'an admin': 404, 'a viewer': 404 },
      isPersonal: true
    },
    sql: { table: 'public.bulk_operations', run: sql => sql`select * from bulk_operations where id = ${acme.operation}` }
  },
  {
    does: "undoes Bob's bulk change",
    by: ['a member'],
    route: {
      request: 'POST /teams/[teamId]/operations/[operationId]/undo',
      status: 200,
      parameters: team => ({ operationId: team.operation }),
      refusals: { 'an owner': 404, 'an admin': 404 },
      isPersonal: true
    },
    sql: {
      table: 'public.bulk_operations',
      calls: 'begin_bulk_undo',
      run: sql => sql`select private.begin_bulk_undo(${acme.id}, ${acme.operation})`
    }
  },
  {
    does: 'inserts a bulk operation',
    by: [],
    sql: {
      table: 'public.bulk_operations',
      run: (sql, { id }) =>
        sql`
        insert into bulk_operations (team_id, user_id, action, value, status, total)
        values (${acme.id}, ${id}, 'close', 'null', 'waiting', 1) returning id`
    }
  },
  ...Object.entries({ status: 'done', user_id: vera.id, updated: 9, value: 'null', error: 'x' }).map(
    ([column, value]): AuthorizationRow => ({
      does: `changes ${column} of a bulk operation`,
      by: [],
      sql: {
        table: 'public.bulk_operations',
        run: sql => sql`update bulk_operations set ${sql({ [column]: value })} where id = ${acme.operation} returning id`
      }
    })
  ),
  {
    does: 'deletes a bulk operation',
    by: [],
    sql: { table: 'public.bulk_operations', run: sql => sql`delete from bulk_operations where id = ${acme.operation} returning id` }
  },
  {
    does: 'reads the values that an undo restores',
    by: [],
    sql: { table: 'public.bulk_operations', run: sql => sql`select * from private.bulk_operation_tickets` }
  },
  {
    does: 'inserts a value for an undo to restore',
    by: [],
    sql: {
      table: 'public.bulk_operations',
      run: sql =>
        sql`
        insert into private.bulk_operation_tickets (operation_id, ticket_id, state, before)
        values (${acme.operation}, ${acme.tickets.closed}, 'restoring', '{"status": "waiting"}') returning ticket_id`
    }
  },
  {
    does: "continues Bob's bulk operation",
    by: [],
    sql: {
      table: 'public.bulk_operations',
      calls: 'next_bulk_tickets',
      run: async sql => (await sql`select private.next_bulk_tickets(${acme.operation}, 10) as ids`).filter(({ ids }) => ids !== null)
    }
  },
  {
    does: 'begins a bulk operation',
    by: agents,
    key: 'write',
    sql: {
      table: 'public.bulk_operations',
      calls: 'begin_bulk_operation',
      run: sql => sql`select private.begin_bulk_operation(${acme.id}, 'set_priority', '"urgent"', ${[acme.tickets.bobs]}::uuid[])`
    }
  },
  {
    does: 'begins a bulk operation that closes tickets',
    by: managers,
    sql: {
      table: 'public.bulk_operations',
      calls: 'begin_bulk_operation',
      run: sql => sql`select private.begin_bulk_operation(${acme.id}, 'close', 'null', ${[acme.tickets.bobs]}::uuid[])`
    }
  },
  {
    does: 'begins a bulk operation that deletes tickets',
    by: managers,
    sql: {
      table: 'public.bulk_operations',
      calls: 'begin_bulk_operation',
      run: sql => sql`select private.begin_bulk_operation(${acme.id}, 'delete', 'null', ${[acme.tickets.bobs]}::uuid[])`
    }
  },
  {
    does: 'begins a bulk operation that reassigns tickets',
    by: managers,
    sql: {
      table: 'public.bulk_operations',
      calls: 'begin_bulk_operation',
      run: sql =>
        sql`select private.begin_bulk_operation(${acme.id}, 'reassign', ${sql.json(adam.id)}, ${[acme.tickets.unassigned]}::uuid[])`
    }
  },
  {
    does: "takes the next tickets of Bob's operation",
    by: ['a member'],
    sql: {
      table: 'private.bulk_operation_tickets',
      calls: 'next_bulk_tickets',
      prepare: insertOperation('waiting', 'waiting'),
      run: async sql => (await sql`select private.next_bulk_tickets(${operation}, 10) as ids`).filter(({ ids }) => ids !== null)
    }
  },
  {
    does: "records the changes of Bob's operation",
    by: ['a member'],
    sql: {
      table: 'private.bulk_operation_tickets',
      calls: 'record_bulk_changes',
      prepare: insertOperation('running', 'taken'),
      run: sql => sql`select private.record_bulk_changes(${operation})`
    }
  },
  {
    does: "continues the undo of Bob's operation",
    by: ['a member'],
    sql: {
      table: 'private.bulk_operation_tickets',
      calls: 'continue_bulk_undo',
      prepare: insertOperation('undoing', 'changed'),
      run: sql => sql`select 1 from private.continue_bulk_undo(${operation}, 10) as is_running where is_running`
    }
  }
]

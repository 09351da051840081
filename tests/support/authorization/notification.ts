import type { TransactionSql } from 'postgres'
import { acme, adam, ann, bob, initech, vera } from '../world.ts'
import { everybody } from './principals.ts'
import { ofTicket, type AuthorizationRow } from './row.ts'

const { bobs: ticket, unassigned } = acme.tickets

/** A notification of Bob about his ticket. */
const bobsNotification = (sql: TransactionSql) => sql`
  insert into notifications (team_id, user_id, event_id, kind, ticket_id, actor_id)
  select team_id, ${bob.id}, id, 'assigned', ticket_id, ${ann.id} from ticket_events where ticket_id = ${ticket} and type = 'ticket.created'
  returning id`
const follow = (sql: TransactionSql, who: string, what: string = ticket) =>
  sql`insert into ticket_followers (team_id, ticket_id, user_id) values (${acme.id}, ${what}, ${who}) returning *`
const readAsVera = (sql: TransactionSql) =>
  sql`insert into ticket_reads (team_id, ticket_id, user_id) values (${acme.id}, ${ticket}, ${vera.id})`
const followAsVera = (sql: TransactionSql) => follow(sql, vera.id)
const save = (sql: TransactionSql, who: string, kind = 'assigned', team: string = acme.id) =>
  sql`insert into notification_preferences (team_id, user_id, kind, mail) values (${team}, ${who}, ${kind}, false) returning *`
const saveBobs = (sql: TransactionSql) => save(sql, bob.id)

export const notifications: AuthorizationRow[] = [
  { does: 'lists their notifications', by: everybody, client: 'own', route: { request: 'GET /teams/[teamId]/notifications', status: 200 } },
  {
    does: 'pages through their unread notifications',
    by: everybody,
    client: 'own',
    route: { request: 'GET /teams/[teamId]/notifications', status: 200, query: '?cursor=&unread=true' }
  },
  {
    does: 'counts their unread notifications',
    by: everybody,
    client: 'own',
    route: { request: 'GET /teams/[teamId]/notifications/count', status: 200 }
  },
  {
    does: 'marks their notifications of a ticket as read',
    by: everybody,
    client: 'own',
    route: { request: 'POST /teams/[teamId]/notifications/read', status: 200, body: team => ({ ticket_id: team.tickets.bobs }) }
  },
  {
    does: 'marks all their notifications as read',
    by: everybody,
    client: 'own',
    route: { request: 'POST /teams/[teamId]/notifications/read', status: 200, body: () => ({}) }
  },
  {
    does: 'sees who follows a ticket',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/tickets/[ticketId]/watch', status: 200, parameters: ofTicket },
    sql: {
      table: 'public.ticket_followers',
      prepare: followAsVera,
      run: sql => sql`select * from ticket_followers where ticket_id = ${ticket}`
    }
  },
  {
    does: 'follows a ticket',
    by: everybody,
    route: { request: 'PUT /teams/[teamId]/tickets/[ticketId]/watch', status: 200, parameters: ofTicket },
    sql: { table: 'public.ticket_followers', prepare: followAsVera, run: (sql, { id }) => follow(sql, id, unassigned) }
  },
  {
    does: 'unfollows a ticket',
    by: everybody,
    route: { request: 'DELETE /teams/[teamId]/tickets/[ticketId]/watch', status: 200, parameters: ofTicket }
  },
  {
    does: 'marks a ticket as read',
    by: everybody,
    route: { request: 'PUT /teams/[teamId]/tickets/[ticketId]/read', status: 200, parameters: ofTicket },
    sql: {
      table: 'public.ticket_reads',
      prepare: readAsVera,
      run: (sql, { id }) => sql`
        insert into ticket_reads (team_id, ticket_id, user_id) values (${acme.id}, ${unassigned}, ${id})
        on conflict (team_id, ticket_id, user_id) do update set read_at = excluded.read_at returning user_id`
    }
  },
  {
    does: 'marks a ticket as unread',
    by: everybody,
    route: { request: 'DELETE /teams/[teamId]/tickets/[ticketId]/read', status: 200, parameters: ofTicket }
  },
  {
    does: 'marks a ticket as read for Vera',
    by: ['a viewer'],
    sql: {
      table: 'public.ticket_reads',
      prepare: readAsVera,
      run: sql =>
        sql`insert into ticket_reads (team_id, ticket_id, user_id) values (${acme.id}, ${unassigned}, ${vera.id}) returning user_id`
    }
  },
  {
    does: 'reads until when Vera has read a ticket',
    by: ['a viewer'],
    sql: {
      table: 'public.ticket_reads',
      prepare: readAsVera,
      run: sql => sql`select * from ticket_reads where user_id = ${vera.id}`
    }
  },
  {
    does: "reads Bob's notifications",
    by: ['a member'],
    sql: {
      table: 'public.notifications',
      prepare: bobsNotification,
      run: sql => sql`select * from notifications where user_id = ${bob.id}`
    }
  },
  {
    does: "finds Bob's notification without a condition",
    by: ['a member'],
    sql: {
      table: 'public.notifications',
      prepare: bobsNotification,
      run: sql => sql`select count(*) from notifications having count(*) > 0`
    }
  },
  {
    does: "marks Bob's notifications as read",
    by: ['a member'],
    sql: {
      table: 'public.notifications',
      prepare: bobsNotification,
      run: sql => sql`update notifications set read_at = now() where user_id = ${bob.id} returning id`
    }
  },
  ...Object.entries({
    user_id: vera.id,
    team_id: initech.id,
    ticket_id: unassigned,
    kind: 'resolved',
    event_id: 1,
    created_at: '2020-01-01',
    actor_id: vera.id
  }).map(([column, value]): AuthorizationRow => ({
    does: `writes ${column} of a notification`,
    by: [],
    sql: {
      table: 'public.notifications',
      prepare: bobsNotification,
      run: sql => sql`update notifications set ${sql({ [column]: value })} where user_id = ${bob.id} returning id`
    }
  })),
  {
    does: 'inserts a notification',
    by: [],
    sql: {
      table: 'public.notifications',
      prepare: bobsNotification,
      run: (sql, { id }) =>
        sql`
        insert into notifications (team_id, user_id, event_id, kind, ticket_id)
        values (${acme.id}, ${id}, 1, 'assigned', ${ticket}) returning id`
    }
  },
  {
    does: 'deletes notifications',
    by: [],
    sql: {
      table: 'public.notifications',
      prepare: bobsNotification,
      run: sql => sql`delete from notifications where user_id = ${bob.id} returning id`
    }
  },
  {
    does: "reads Adam's notification of a webhook",
    by: ['an admin'],
    sql: {
      table: 'public.notifications',
      prepare: sql => sql`insert into notifications (team_id, user_id, event_id, kind) values (${acme.id}, ${adam.id}, 1, 'webhook')`,
      run: sql => sql`select * from notifications where kind = 'webhook'`
    }
  },
  {
    does: 'has Vera follow a ticket',
    by: ['a viewer'],
    sql: { table: 'public.ticket_followers', prepare: followAsVera, run: sql => follow(sql, vera.id, unassigned) }
  },
  {
    does: 'has Vera unfollow a ticket',
    by: ['a viewer'],
    sql: {
      table: 'public.ticket_followers',
      prepare: followAsVera,
      run: sql => sql`delete from ticket_followers where user_id = ${vera.id} returning ticket_id`
    }
  },
  ...Object.entries({ user_id: ann.id, ticket_id: unassigned, team_id: initech.id, created_at: '2020-01-01' }).map(
    ([column, value]): AuthorizationRow => ({
      does: `writes ${column} of a follower`,
      by: [],
      sql: {
        table: 'public.ticket_followers',
        prepare: followAsVera,
        run: sql => sql`update ticket_followers set ${sql({ [column]: value })} where user_id = ${vera.id} returning ticket_id`
      }
    })
  ),
  {
    does: 'sets the time of a new follower',
    by: [],
    sql: {
      table: 'public.ticket_followers',
      prepare: followAsVera,
      run: (sql, { id }) => sql`
      insert into ticket_followers (team_id, ticket_id, user_id, created_at) values (${acme.id}, ${unassigned}, ${id}, '2020-01-01')
      returning ticket_id`
    }
  }
]

export const notificationPreferences: AuthorizationRow[] = [
  {
    does: 'reads their notification preferences',
    by: everybody,
    client: 'own',
    route: { request: 'GET /teams/[teamId]/notification-preferences', status: 200 }
  },
  {
    does: 'changes their notification preferences',
    by: everybody,
    client: 'own',
    route: {
      request: 'PUT /teams/[teamId]/notification-preferences',
      status: 200,
      body: () => ({ preferences: [{ kind: 'replied', in_app: true, mail: false }] })
    },
    sql: { table: 'public.notification_preferences', prepare: saveBobs, run: (sql, { id }) => save(sql, id, 'replied') }
  },
  {
    does: "reads Bob's preferences",
    by: ['a member'],
    sql: {
      table: 'public.notification_preferences',
      prepare: saveBobs,
      run: sql => sql`select * from notification_preferences where user_id = ${bob.id}`
    }
  },
  {
    does: "changes Bob's preferences",
    by: ['a member'],
    sql: {
      table: 'public.notification_preferences',
      prepare: saveBobs,
      run: sql => sql`update notification_preferences set in_app = false, mail = true where user_id = ${bob.id} returning kind`
    }
  },
  {
    does: "saves a preference in Vera's name",
    by: ['a viewer'],
    sql: { table: 'public.notification_preferences', prepare: saveBobs, run: sql => save(sql, vera.id) }
  },
  {
    does: 'saves a preference in Initech',
    by: ['an owner of another team', 'a member of another team'],
    sql: { table: 'public.notification_preferences', prepare: saveBobs, run: (sql, { id }) => save(sql, id, 'replied', initech.id) }
  },
  ...Object.entries({ user_id: vera.id, team_id: initech.id, kind: 'replied' }).map(([column, value]): AuthorizationRow => ({
    does: `writes ${column} of a preference`,
    by: [],
    sql: {
      table: 'public.notification_preferences',
      prepare: saveBobs,
      run: sql => sql`update notification_preferences set ${sql({ [column]: value })} where user_id = ${bob.id} returning kind`
    }
  })),
  {
    does: 'deletes a preference',
    by: [],
    sql: {
      table: 'public.notification_preferences',
      prepare: saveBobs,
      run: sql => sql`delete from notification_preferences where user_id = ${bob.id} returning kind`
    }
  }
]

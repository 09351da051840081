import { acme, bob, initech, unknownId } from '../world.ts'
import { everybody, managers } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

export const savedViews: AuthorizationRow[] = [
  { does: 'lists views', by: everybody, key: 'read', client: 'own', route: { request: 'GET /teams/[teamId]/saved-views', status: 200 } },
  {
    does: 'counts views',
    by: everybody,
    key: 'read',
    client: 'own',
    route: { request: 'GET /teams/[teamId]/saved-views/counts', status: 200 }
  },
  {
    does: 'saves a view',
    by: everybody,
    client: 'own',
    route: { request: 'POST /teams/[teamId]/saved-views', status: 201, body: () => ({ name: 'New', filters: { status: 'open' } }) },
    sql: {
      table: 'public.saved_views',
      run: (sql, { id }) => sql`insert into saved_views (team_id, user_id, name) values (${acme.id}, ${id}, 'New') returning id`
    }
  },
  {
    does: 'shares a view',
    by: managers,
    route: { request: 'POST /teams/[teamId]/saved-views', status: 201, body: () => ({ name: 'New', filters: {}, is_shared: true }) },
    sql: {
      table: 'public.saved_views',
      run: (sql, { id }) =>
        sql`insert into saved_views (team_id, user_id, name, is_shared) values (${acme.id}, ${id}, 'New', true) returning id`
    }
  },
  {
    does: 'changes a shared view',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/saved-views/[viewId]',
      status: 200,
      parameters: team => ({ viewId: team.views.shared }),
      body: () => ({ name: 'Other' })
    },
    sql: {
      table: 'public.saved_views',
      run: sql => sql`update saved_views set name = 'Other', filters = '{}', position = 3 where id = ${acme.views.shared} returning id`
    }
  },
  {
    does: "changes Bob's view",
    by: ['a member'],
    route: {
      request: 'PATCH /teams/[teamId]/saved-views/[viewId]',
      status: 200,
      parameters: team => ({ viewId: team.views.bobs }),
      body: () => ({ name: 'Other' }),
      refusals: { 'an owner': 404, 'an admin': 404, 'a viewer': 404 }
    },
    sql: { table: 'public.saved_views', run: sql => sql`update saved_views set name = 'Other' where id = ${acme.views.bobs} returning id` }
  },
  {
    does: "shares Bob's view",
    by: [],
    route: {
      request: 'PATCH /teams/[teamId]/saved-views/[viewId]',
      status: 200,
      parameters: team => ({ viewId: team.views.bobs }),
      body: () => ({ is_shared: true }),
      refusals: { 'an owner': 404, 'an admin': 404, 'a viewer': 404 }
    },
    sql: {
      table: 'public.saved_views',
      run: sql => sql`update saved_views set is_shared = true where id = ${acme.views.bobs} returning id`
    }
  },
  {
    does: 'makes a shared view private',
    by: ['an admin'],
    route: {
      request: 'PATCH /teams/[teamId]/saved-views/[viewId]',
      status: 200,
      parameters: team => ({ viewId: team.views.shared }),
      body: () => ({ is_shared: false })
    },
    sql: {
      table: 'public.saved_views',
      run: sql => sql`update saved_views set is_shared = false where id = ${acme.views.shared} returning id`
    }
  },
  {
    does: 'deletes a shared view',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/saved-views/[viewId]', status: 204, parameters: team => ({ viewId: team.views.shared }) },
    sql: { table: 'public.saved_views', run: sql => sql`delete from saved_views where id = ${acme.views.shared} returning id` }
  },
  {
    does: "deletes Bob's view",
    by: ['a member'],
    route: {
      request: 'DELETE /teams/[teamId]/saved-views/[viewId]',
      status: 204,
      parameters: team => ({ viewId: team.views.bobs }),
      refusals: { 'an owner': 404, 'an admin': 404, 'a viewer': 404 }
    },
    sql: { table: 'public.saved_views', run: sql => sql`delete from saved_views where id = ${acme.views.bobs} returning id` }
  },
  {
    does: 'reads a shared view',
    by: everybody,
    key: 'read',
    sql: { table: 'public.saved_views', run: sql => sql`select * from saved_views where id = ${acme.views.shared}` }
  },
  {
    does: "reads Bob's view",
    by: ['a member'],
    sql: { table: 'public.saved_views', run: sql => sql`select * from saved_views where id = ${acme.views.bobs}` }
  },
  {
    does: "saves a view in Bob's name",
    by: ['a member'],
    sql: {
      table: 'public.saved_views',
      run: sql => sql`insert into saved_views (team_id, user_id, name) values (${acme.id}, ${bob.id}, 'New') returning id`
    }
  },
  {
    does: 'saves a view without an owner',
    by: [],
    sql: {
      table: 'public.saved_views',
      run: sql => sql`insert into saved_views (team_id, user_id, name) values (${acme.id}, null, 'New') returning id`
    }
  },
  ...Object.entries({ id: unknownId, team_id: initech.id, user_id: bob.id, created_at: '2020-01-01' }).map(
    ([column, value]): AuthorizationRow => ({
      does: `writes ${column} of a view`,
      by: [],
      sql: {
        table: 'public.saved_views',
        run: sql => sql`update saved_views set ${sql({ [column]: value })} where id = ${acme.views.shared} returning id`
      }
    })
  )
]

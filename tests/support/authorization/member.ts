import { acme, adam, ann, bob, dan, vera } from '../world.ts'
import { agents, everybody, managers, owners } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

export const members: AuthorizationRow[] = [
  {
    does: 'lists members',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/members', status: 200 },
    sql: { table: 'public.team_members', run: sql => sql`select user_id, role from team_members where team_id = ${acme.id}` }
  },
  {
    does: 'makes a viewer a member',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/members/[userId]',
      status: 200,
      parameters: () => ({ userId: vera.id }),
      body: () => ({ role: 'member' })
    }
  },
  {
    does: 'makes a viewer an owner',
    by: owners,
    route: {
      request: 'PATCH /teams/[teamId]/members/[userId]',
      status: 200,
      parameters: () => ({ userId: vera.id }),
      body: () => ({ role: 'owner' })
    },
    sql: {
      table: 'public.team_members',
      calls: 'change_member_role',
      run: async sql => {
        await sql`select private.change_member_role(${acme.id}, ${vera.id}, 'owner')`
        return sql`select user_id from team_members where user_id = ${vera.id} and role = 'owner'`
      }
    }
  },
  {
    does: 'demotes an owner',
    by: [],
    route: {
      request: 'PATCH /teams/[teamId]/members/[userId]',
      status: 200,
      parameters: () => ({ userId: ann.id }),
      body: () => ({ role: 'viewer' })
    }
  },
  {
    does: 'makes an admin an owner',
    by: owners,
    route: {
      request: 'PATCH /teams/[teamId]/members/[userId]',
      status: 200,
      parameters: () => ({ userId: adam.id }),
      body: () => ({ role: 'owner' })
    }
  },
  {
    does: 'removes a member',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/members/[userId]', status: 204, parameters: () => ({ userId: bob.id }) }
  },
  {
    does: 'removes the owner',
    by: [],
    route: {
      request: 'DELETE /teams/[teamId]/members/[userId]',
      status: 204,
      parameters: () => ({ userId: ann.id }),
      refusals: { 'an owner': 409 }
    }
  },
  {
    does: 'leaves the team',
    by: ['an admin', 'a member', 'a viewer'],
    route: { request: 'DELETE /teams/[teamId]/members/me', status: 204, refusals: { 'an owner': 409 } }
  },
  {
    does: 'writes a role into the table',
    by: [],
    sql: {
      table: 'public.team_members',
      run: sql => sql`update team_members set role = 'owner' where team_id = ${acme.id} returning user_id`
    }
  },
  {
    does: 'writes their own role into the table',
    by: [],
    sql: {
      table: 'public.team_members',
      run: (sql, { id }) => sql`update team_members set role = 'owner' where user_id = ${id} returning user_id`
    }
  },
  {
    does: 'inserts themselves into the table',
    by: [],
    sql: {
      table: 'public.team_members',
      run: (sql, { id }) => sql`
      insert into team_members (team_id, user_id, role) values (${acme.id}, ${id}, 'owner')
      on conflict (team_id, user_id) do update set role = 'owner' returning user_id`
    }
  },
  {
    does: 'inserts somebody into the table',
    by: [],
    sql: {
      table: 'public.team_members',
      run: sql => sql`insert into team_members (team_id, user_id, role) values (${acme.id}, ${dan.id}, 'member') returning user_id`
    }
  },
  {
    does: 'deletes a member from the table',
    by: [],
    sql: { table: 'public.team_members', run: sql => sql`delete from team_members where user_id = ${vera.id} returning user_id` }
  },
  {
    does: 'makes a viewer an admin',
    by: managers,
    sql: {
      table: 'public.team_members',
      calls: 'change_member_role',
      run: async sql => {
        await sql`select private.change_member_role(${acme.id}, ${vera.id}, 'admin')`
        return sql`select user_id from team_members where user_id = ${vera.id} and role = 'admin'`
      }
    }
  },
  {
    does: 'changes the role of an owner',
    by: owners,
    sql: {
      table: 'public.team_members',
      calls: 'change_member_role',
      prepare: sql => sql`insert into team_members (team_id, user_id, role) values (${acme.id}, ${dan.id}, 'owner')`,
      run: async (sql, { id }) => {
        if (id === dan.id) return []
        await sql`select private.change_member_role(${acme.id}, ${dan.id}, 'member')`
        return sql`select user_id from team_members where user_id = ${dan.id} and role = 'member'`
      }
    }
  },
  {
    does: 'changes their own role',
    by: [],
    sql: {
      table: 'public.team_members',
      calls: 'change_member_role',
      run: async (sql, { id }) => {
        await sql`select private.change_member_role(${acme.id}, ${id}, 'owner')`
        return sql`select 1`
      }
    }
  },
  {
    does: 'removes a viewer',
    by: [...managers, 'a viewer'],
    sql: {
      table: 'public.team_members',
      calls: 'remove_member',
      run: async sql => {
        await sql`select private.remove_member(${acme.id}, ${vera.id})`
        return sql`select 1`
      }
    }
  },
  {
    does: 'removes an owner',
    by: owners,
    sql: {
      table: 'public.team_members',
      calls: 'remove_member',
      prepare: sql => sql`update team_members set role = 'owner' where team_id = ${acme.id} and user_id = ${vera.id}`,
      run: async (sql, { id }) => {
        if (id === vera.id) return []
        await sql`select private.remove_member(${acme.id}, ${vera.id})`
        return sql`select 1`
      }
    }
  },
  {
    does: 'reads the addresses of members',
    by: agents,
    key: 'read',
    sql: {
      table: 'public.team_members',
      calls: 'team_member_emails',
      run: sql => sql`select * from private.team_member_emails(${acme.id})`
    }
  },
  {
    does: 'is a member of the team',
    by: everybody,
    key: 'read',
    sql: {
      calls: ['is_team_member', 'has_permission'],
      run: sql => sql`select 1 where private.is_team_member(${acme.id}) and private.has_permission(${acme.id}, 'team.view')`
    }
  },
  {
    does: 'may view tickets of the team',
    by: everybody,
    key: 'read',
    sql: { calls: 'permitted_team_ids', run: sql => sql`select 1 where ${acme.id} = any (private.permitted_team_ids('tickets.view'))` }
  },
  {
    does: 'may see the profile of Bob',
    by: everybody,
    key: 'read',
    sql: { calls: 'visible_profile_ids', run: sql => sql`select id from private.visible_profile_ids() as id where id = ${bob.id}` }
  }
]

import { randomBytes } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { acme, initech, ivan, vera } from '../world.ts'
import { anybody, managers, owners, signedIn } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const columns = ['id', 'team_id', 'email', 'role', 'invited_by', 'created_at', 'expires_at']
const digest = () => randomBytes(32)

const token = Buffer.alloc(32, 9)
const inviteVera = (sql: TransactionSql) =>
  sql`insert into team_invitations ${sql({ team_id: initech.id, email: vera.email, role: 'member', token_hash: token, invited_by: ivan.id })}`

export const invitations: AuthorizationRow[] = [
  {
    does: 'lists invitations',
    by: managers,
    route: { request: 'GET /teams/[teamId]/invitations', status: 200 },
    sql: { table: 'public.team_invitations', run: sql => sql`select ${sql(columns)} from team_invitations where id = ${acme.invitation}` }
  },
  {
    does: 'invites a member',
    by: managers,
    route: { request: 'POST /teams/[teamId]/invitations', status: 201, body: team => ({ email: `m-${team.id}@x.test`, role: 'member' }) }
  },
  {
    does: 'invites an admin',
    by: managers,
    route: { request: 'POST /teams/[teamId]/invitations', status: 201, body: team => ({ email: `a-${team.id}@x.test`, role: 'admin' }) }
  },
  {
    does: 'invites an owner',
    by: owners,
    route: { request: 'POST /teams/[teamId]/invitations', status: 201, body: team => ({ email: `o-${team.id}@x.test`, role: 'owner' }) },
    sql: {
      table: 'public.team_invitations',
      calls: 'save_invitation',
      run: sql => sql`select private.save_invitation(${acme.id}, 'x@x.test', 'owner', ${digest()}) as id`
    }
  },
  {
    does: 'revokes an invitation',
    by: managers,
    route: {
      request: 'DELETE /teams/[teamId]/invitations/[invitationId]',
      status: 204,
      parameters: team => ({ invitationId: team.invitation })
    },
    sql: { table: 'public.team_invitations', run: sql => sql`delete from team_invitations where id = ${acme.invitation} returning id` }
  },
  {
    does: 'sends an invitation again',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/invitations/[invitationId]/resend',
      status: 200,
      parameters: team => ({ invitationId: team.invitation })
    }
  },
  {
    does: 'previews an unknown invitation',
    by: [],
    route: {
      request: 'GET /invitations/[token]',
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    }
  },
  {
    does: 'accepts an unknown invitation',
    by: [],
    route: {
      request: 'POST /invitations/[token]/accept',
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(signedIn.map(name => [name, 404]))
    }
  },
  {
    does: 'reads the digest of a token',
    by: [],
    sql: { table: 'public.team_invitations', run: sql => sql`select token_hash from team_invitations where id = ${acme.invitation}` }
  },
  {
    does: 'reads every column of an invitation',
    by: [],
    sql: { table: 'public.team_invitations', run: sql => sql`select * from team_invitations` }
  },
  {
    does: 'finds an invitation by its digest',
    by: [],
    sql: { table: 'public.team_invitations', run: sql => sql`select id from team_invitations where token_hash is not null` }
  },
  {
    does: 'inserts an invitation into the table',
    by: [],
    sql: {
      table: 'public.team_invitations',
      run: sql => sql`
      insert into team_invitations (team_id, email, role, token_hash) values (${acme.id}, 'x@x.test', 'owner', ${digest()}) returning id`
    }
  },
  {
    does: 'extends an invitation',
    by: [],
    sql: {
      table: 'public.team_invitations',
      run: sql => sql`update team_invitations set expires_at = now() + interval '1 year' where id = ${acme.invitation} returning id`
    }
  },
  {
    does: 'raises the role of an invitation',
    by: [],
    sql: {
      table: 'public.team_invitations',
      run: sql => sql`update team_invitations set role = 'owner' where id = ${acme.invitation} returning id`
    }
  },
  ...(['viewer', 'member', 'admin'] as const).map((role): AuthorizationRow => ({
    does: `invites a new ${role}`,
    by: managers,
    sql: {
      table: 'public.team_invitations',
      calls: 'save_invitation',
      run: sql => sql`select private.save_invitation(${acme.id}, 'x@x.test', ${role}, ${digest()}) as id`
    }
  })),
  {
    does: 'previews an invitation by its token',
    by: anybody,
    key: 'read',
    sql: {
      table: 'public.team_invitations',
      calls: 'invitation_preview',
      prepare: inviteVera,
      run: sql => sql`select * from private.invitation_preview(${token})`
    }
  },
  {
    does: 'accepts an invitation for the mailbox of Vera',
    by: ['a viewer'],
    sql: {
      table: 'public.team_members',
      calls: 'accept_invitation',
      prepare: inviteVera,
      run: sql => sql`select private.accept_invitation(${token})`
    }
  }
]

import type { TransactionSql } from 'postgres'
import { bob } from '../world.ts'
import { everybody, signedIn } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const addPicture = (sql: TransactionSql) =>
  sql`insert into private.avatars (user_id, content, content_type) values (${bob.id}, 'x', 'image/png')`

export const profile: AuthorizationRow[] = [
  { does: 'reads their profile', by: signedIn, client: 'own', route: { request: 'GET /profile', status: 200 } },
  { does: 'changes their profile', by: signedIn, client: 'own', route: { request: 'PATCH /profile', status: 200, body: () => ({}) } },
  {
    does: 'uploads an empty picture',
    by: [],
    client: 'own',
    route: { request: 'PUT /profile/avatar', status: 415, refusals: Object.fromEntries(signedIn.map(name => [name, 415])) }
  },
  { does: 'removes their picture', by: signedIn, client: 'own', route: { request: 'DELETE /profile/avatar', status: 200 } },
  {
    does: 'reads the name of a member',
    by: everybody,
    key: 'read',
    sql: { table: 'public.profiles', run: sql => sql`select id, full_name, avatar_url from profiles where id = ${bob.id}` }
  },
  {
    does: 'reads the e-mail of a profile',
    by: [],
    sql: { table: 'public.profiles', run: sql => sql`select email from profiles where id = ${bob.id}` }
  },
  {
    does: 'reads the last team of a profile',
    by: [],
    sql: { table: 'public.profiles', run: sql => sql`select last_team_id from profiles where id = ${bob.id}` }
  },
  {
    does: 'reads the preferences of a profile',
    by: [],
    sql: { table: 'public.profiles', run: sql => sql`select preferences from profiles where id = ${bob.id}` }
  },
  {
    does: "updates Bob's preferences in the table",
    by: [],
    sql: { table: 'public.profiles', run: sql => sql`update profiles set preferences = '{}' where id = ${bob.id} returning id` }
  },
  {
    does: 'reads every column of a profile',
    by: [],
    sql: { table: 'public.profiles', run: sql => sql`select * from profiles where id = ${bob.id}` }
  },
  {
    does: 'renames Bob',
    by: ['a member'],
    sql: { table: 'public.profiles', run: sql => sql`update profiles set full_name = 'Other' where id = ${bob.id} returning id` }
  },
  {
    does: "writes Bob's e-mail",
    by: [],
    sql: { table: 'public.profiles', run: sql => sql`update profiles set email = 'x@x.test' where id = ${bob.id} returning id` }
  },
  {
    does: "writes Bob's picture address",
    by: [],
    sql: {
      table: 'public.profiles',
      run: sql => sql`update profiles set avatar_url = 'https://evil.test/x.png' where id = ${bob.id} returning id`
    }
  },
  {
    does: "writes Bob's id",
    by: [],
    sql: { table: 'public.profiles', run: sql => sql`update profiles set id = gen_random_uuid() where id = ${bob.id} returning id` }
  },
  {
    does: "deletes Bob's profile",
    by: [],
    sql: { table: 'public.profiles', run: sql => sql`delete from profiles where id = ${bob.id} returning id` }
  },
  {
    does: 'inserts a profile',
    by: [],
    sql: {
      table: 'public.profiles',
      run: sql => sql`insert into profiles (id, full_name, email) values (gen_random_uuid(), 'x', 'x') returning id`
    }
  },
  { does: 'reads accounts', by: [], sql: { table: 'public.profiles', run: sql => sql`select id from auth.users` } },
  {
    does: 'reads their own profile',
    by: signedIn,
    client: 'own',
    sql: { table: 'public.profiles', calls: 'my_profile', run: (sql, { id }) => sql`select * from private.my_profile() where id = ${id}` }
  },
  {
    does: 'saves their own preferences',
    by: signedIn,
    client: 'own',
    sql: { table: 'public.profiles', calls: 'save_preferences', run: sql => sql`select private.save_preferences('{"density": "compact"}')` }
  },
  {
    does: 'saves a picture of themselves',
    by: signedIn,
    client: 'own',
    sql: {
      table: 'private.avatars',
      calls: 'save_avatar',
      prepare: addPicture,
      run: sql => sql`select private.save_avatar('x', 'image/png')`
    }
  },
  {
    does: 'deletes the picture of themselves',
    by: signedIn,
    client: 'own',
    sql: { table: 'private.avatars', calls: 'delete_avatar', prepare: addPicture, run: sql => sql`select private.delete_avatar()` }
  }
]

export const avatars: AuthorizationRow[] = [
  {
    does: 'reads a missing picture',
    by: [],
    route: {
      request: 'GET /avatars/[userId]',
      status: 404,
      parameters: () => ({ userId: bob.id }),
      refusals: Object.fromEntries(signedIn.map(name => [name, 404]))
    }
  },
  {
    does: 'reads the picture of Bob',
    by: everybody,
    sql: { table: 'private.avatars', calls: 'avatar', prepare: addPicture, run: sql => sql`select * from private.avatar(${bob.id})` }
  },
  {
    does: 'reads the table of pictures',
    by: [],
    sql: { table: 'private.avatars', prepare: addPicture, run: sql => sql`select * from private.avatars` }
  }
]

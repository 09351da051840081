import { acme } from '../world.ts'
import { everybody, managers, owners, signedIn } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

export const teams: AuthorizationRow[] = [
  { does: 'lists their teams', by: signedIn, client: 'allowed', route: { request: 'GET /teams', status: 200 } },
  {
    does: 'creates a team',
    by: signedIn,
    client: 'allowed',
    route: { request: 'POST /teams', status: 201, body: () => ({ name: 'Another' }) }
  },
  {
    does: 'reads the team',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]', status: 200 },
    sql: { table: 'public.teams', run: sql => sql`select id from teams where id = ${acme.id}` }
  },
  {
    does: 'renames the team',
    by: managers,
    route: { request: 'PATCH /teams/[teamId]', status: 200, body: () => ({ name: 'Other' }) },
    sql: { table: 'public.teams', run: sql => sql`update teams set name = 'Other' where id = ${acme.id} returning id` }
  },
  {
    does: 'deletes the team',
    by: owners,
    route: { request: 'DELETE /teams/[teamId]', status: 204 },
    sql: { table: 'public.teams', run: sql => sql`delete from teams where id = ${acme.id} returning id` }
  },
  {
    does: 'changes the slug of the team',
    by: managers,
    sql: { table: 'public.teams', run: sql => sql`update teams set slug = 'other' where id = ${acme.id} returning id` }
  },
  {
    does: 'changes the time zone of the team',
    by: managers,
    sql: { table: 'public.teams', run: sql => sql`update teams set time_zone = 'Europe/Berlin' where id = ${acme.id} returning id` }
  },
  {
    does: 'changes the auto-close days of the team',
    by: managers,
    sql: { table: 'public.teams', run: sql => sql`update teams set auto_close_days = 30 where id = ${acme.id} returning id` }
  },
  {
    does: 'changes what the team does with unscanned files',
    by: managers,
    sql: { table: 'public.teams', run: sql => sql`update teams set unscanned_files = 'warn' where id = ${acme.id} returning id` }
  },
  {
    does: 'changes which mails clients get',
    by: managers,
    sql: { table: 'public.teams', run: sql => sql`update teams set client_mails = '{public_reply}' where id = ${acme.id} returning id` }
  },
  {
    does: 'changes when clients are asked for a rating',
    by: managers,
    sql: { table: 'public.teams', run: sql => sql`update teams set rating_delay_minutes = null where id = ${acme.id} returning id` }
  },
  {
    does: 'changes the colour that clients see',
    by: managers,
    sql: { table: 'public.teams', run: sql => sql`update teams set portal_color = '#b91c1c' where id = ${acme.id} returning id` }
  },
  {
    does: 'shows clients when an answer is due',
    by: managers,
    sql: { table: 'public.teams', run: sql => sql`update teams set portal_shows_due = true where id = ${acme.id} returning id` }
  },
  {
    does: 'chooses the languages of the help centre',
    by: managers,
    sql: { table: 'public.teams', run: sql => sql`update teams set help_locales = '{de}' where id = ${acme.id} returning id` }
  },
  {
    does: 'lets clients choose a priority',
    by: managers,
    sql: { table: 'public.teams', run: sql => sql`update teams set client_priority = true where id = ${acme.id} returning id` }
  },
  {
    does: 'writes the realtime epoch of the team',
    by: [],
    sql: { table: 'public.teams', run: sql => sql`update teams set realtime_epoch = 7 where id = ${acme.id} returning id` }
  },
  {
    does: 'writes the id of the team',
    by: [],
    sql: { table: 'public.teams', run: sql => sql`update teams set id = gen_random_uuid() where id = ${acme.id} returning id` }
  },
  {
    does: 'writes the creation time of the team',
    by: [],
    sql: { table: 'public.teams', run: sql => sql`update teams set created_at = now() where id = ${acme.id} returning id` }
  },
  {
    does: 'inserts a team without an owner',
    by: [],
    sql: { table: 'public.teams', run: sql => sql`insert into teams (name, slug) values ('Mine', 'mine') returning id` }
  },
  {
    does: 'deletes the team with delete_team()',
    by: owners,
    sql: { table: 'public.teams', calls: 'delete_team', run: sql => sql`select private.delete_team(${acme.id})` }
  },
  {
    does: 'marks the team as deleted',
    by: [],
    sql: { table: 'public.teams', run: sql => sql`update teams set deleted_at = now() where id = ${acme.id} returning id` }
  },
  { does: 'truncates teams', by: [], sql: { table: 'public.teams', run: sql => sql`truncate teams cascade` } },
  {
    does: 'creates a team of their own',
    by: signedIn,
    client: 'allowed',
    sql: { table: 'public.teams', calls: 'create_team', run: sql => sql`select private.create_team('Another')` }
  },
  {
    does: 'reads the days of the team',
    by: signedIn,
    key: 'read',
    sql: { calls: ['day_start', 'day_of'], run: sql => sql`select private.day_start('2026-11-29', 'UTC'), private.day_of(now(), 'UTC')` }
  }
]

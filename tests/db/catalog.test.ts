import { describe, expect, test } from 'vitest'
import { eventTypes, ticketEventTypes } from '#shared/schemas/event'
import { agentPermissions, permissions, roles, scopePermissions, scopes, type Permission } from '#shared/permissions'
import { anonymous, as, service, session } from '../support/as.ts'
import { acme, bob, dan } from '../support/world.ts'

const ourSchemas = "'public', 'private', 'portal'"

describe('the schema', () => {
  test('every table has a comment, and every table in public has row-level security', async () => {
    const tables = await as(service, sql =>
      sql.unsafe<{ name: string; schema: string; comment: string | null; secured: boolean }[]>(`
      select relname as name, relnamespace::regnamespace::text as schema, obj_description(oid) as comment, relrowsecurity as secured
      from pg_class where relnamespace::regnamespace::text in (${ourSchemas}) and relkind in ('r', 'p')`)
    )
    expect(tables.length).toBeGreaterThan(10)
    for (const { name, schema, comment, secured } of tables) {
      expect(comment, name).toBeTruthy()
      if (schema === 'public') expect(secured, name).toBe(true)
    }
  })

  test('private.event_types() lists the types of shared/schemas/event.ts in the same order', async () => {
    const [types] = await as(service, sql => sql`select private.event_types() as all, private.ticket_event_types() as "aboutTickets"`)
    expect(types).toEqual({ all: eventTypes, aboutTickets: ticketEventTypes })
  })

  test('the schema public contains tables, their indexes and identity sequences, and nothing else', async () => {
    const others = await as(
      service,
      sql => sql`
      select relname, relkind from pg_class as other where relnamespace = 'public'::regnamespace and relkind not in ('r', 'i')
        and not (relkind = 'S'
        and exists (select from pg_depend where classid = 'pg_class'::regclass and objid = other.oid and deptype = 'i'))`
    )
    expect(others).toEqual([])
    expect(await as(service, sql => sql`select proname from pg_proc where pronamespace = 'public'::regnamespace`)).toEqual([])
  })

  test('every policy is for authenticated and calls functions in a subselect, once per query', async () => {
    const policies = await as(
      service,
      sql => sql<{ name: string; roles: string[]; condition: string }[]>`
      select policyname as name, roles, concat_ws(' ', qual, with_check) as condition from pg_policies
      where schemaname = 'public' or policyname like 'switchboard%'`
    )
    expect(policies.length).toBeGreaterThan(20)
    for (const { name, roles, condition } of policies) {
      expect(roles, name).toEqual(['authenticated'])
      expect(condition.replace(/\( SELECT (private|auth|realtime)\.\w+\(/g, ''), name).not.toMatch(/(private|auth|realtime)\.\w+\(/)
    }
  })

  test('every write policy needs a permission that the scope read lacks, or refuses keys', async () => {
    const policies = await as(
      service,
      sql => sql<{ name: string; using: string | null; check: string | null }[]>`
      select policyname as name, qual as using, with_check as check from pg_policies where schemaname = 'public' and cmd <> 'SELECT'`
    )
    expect(policies.length).toBeGreaterThan(15)
    for (const { name, using, check } of policies) {
      for (const condition of [using, check].filter(condition => condition !== null)) {
        const required = [...condition.matchAll(/permitted_team_ids\('([\w.]+)'/g)].map(match => match[1] as Permission)
        const isForPersons = condition.includes('is_api_key()')
        const isChecked = name === 'profiles_update_self' && condition === check
        expect(
          isForPersons || isChecked || required.some(permission => !scopePermissions.read.includes(permission)),
          `${name}: ${condition}`
        ).toBe(true)
      }
    }
  })

  test('all functions but the two searches are plpgsql, whose plans Postgres caches', async () => {
    const sqlFunctions = await as(service, sql =>
      sql.unsafe<{ name: string }[]>(`
      select proname as name from pg_proc
      where pronamespace::regnamespace::text in (${ourSchemas}) and prolang = (select oid from pg_language where lanname = 'sql')
      order by 1`)
    )
    // These two need a new plan for the words of each search.
    expect(sqlFunctions.map(({ name }) => name)).toEqual(['found_replies', 'found_tickets'])
  })

  test('no function expands the result of a call into columns: Postgres would call it once for each column', async () => {
    const expanding = await as(service, sql =>
      sql.unsafe<{ name: string }[]>(String.raw`
      select proname as name from pg_proc
      where pronamespace::regnamespace::text in (${ourSchemas}) and prosrc ~ '\(private\.\w+\([^;]*\)\)\.\*'`)
    )
    expect(expanding).toEqual([])
  })

  test('every foreign key has an index that begins with its columns', async () => {
    const withoutIndex = await as(
      service,
      sql => sql`
      select conrelid::regclass::text as table, conname as name from pg_constraint as key
      where contype = 'f' and connamespace in ('public'::regnamespace, 'private'::regnamespace) and not exists (
        select from pg_index where indrelid = key.conrelid
          and (indkey::int2[])[0:cardinality(key.conkey) - 1] @> key.conkey
          and (indkey::int2[])[0:cardinality(key.conkey) - 1] <@ key.conkey
      )`
    )
    expect(withoutIndex).toEqual([])
  })
})

describe('grants', () => {
  test('anonymous callers may select only the id of published tables, and no policy shows them a row', async () => {
    const grants = await as(service, sql =>
      sql.unsafe<{ table_name: string; column_name: string; privilege_type: string }[]>(`
      select table_name, column_name, privilege_type from information_schema.role_column_grants
      where grantee in ('anon', 'PUBLIC') and table_schema in (${ourSchemas}) order by 1`)
    )
    const published = await as(
      service,
      sql => sql<{ name: string }[]>`select tablename as name from pg_publication_tables where pubname = 'supabase_realtime' order by 1`
    )
    // Without this grant Realtime reports every change to everybody with the publishable key: docs/decisions/004.
    expect(grants).toEqual(published.map(({ name }) => ({ table_name: name, column_name: 'id', privilege_type: 'SELECT' })))
    for (const { name } of published) expect(await as(anonymous, sql => sql`select id from ${sql(name)}`), name).toEqual([])
  })

  test('the publication for postgres_changes omits deletions and the search columns', async () => {
    expect(
      await as(
        service,
        sql => sql`select pubinsert, pubupdate, pubdelete, pubtruncate from pg_publication where pubname = 'supabase_realtime'`
      )
    ).toEqual([{ pubinsert: true, pubupdate: true, pubdelete: false, pubtruncate: false }])
    for (const table of ['tickets', 'ticket_replies', 'ticket_tags']) {
      const [row] = await as(
        service,
        sql => sql<[{ missing: string[] }]>`
        select array(
          select attname::text from pg_attribute where attrelid = ${`public.${table}`}::regclass and attnum > 0 and not attisdropped
          except select unnest(attnames)::text from pg_publication_tables where pubname = 'supabase_realtime' and tablename = ${table}
        ) as missing`
      )
      expect(row.missing, table).toEqual(table === 'ticket_tags' ? [] : ['search'])
    }
  })

  test('nobody may write an id: a conflict would reveal a row of another team', async () => {
    const granted = await as(
      service,
      sql => sql`
      select table_name from information_schema.role_column_grants
      where grantee in ('anon', 'authenticated') and table_schema = 'public' and column_name = 'id'
      and privilege_type in ('INSERT', 'UPDATE')`
    )
    expect(granted).toEqual([])
  })

  test('every unique key of writable columns begins with team_id, but for the slug of a team', async () => {
    const keys = await as(
      service,
      sql => sql<{ name: string }[]>`
      select index.indexrelid::regclass::text as name from pg_index as index
      where index.indisunique and index.indrelid::regclass::text !~ '\\.'
      and (select relnamespace from pg_class where oid = index.indrelid) = 'public'::regnamespace
        and (select attname from pg_attribute where attrelid = index.indrelid and attnum = index.indkey[0]) is distinct from 'team_id'
        and exists (
          select from unnest(index.indkey::int2[]) as column_number where column_number > 0
            and (has_column_privilege('authenticated', index.indrelid, column_number, 'insert')
            or has_column_privilege('authenticated', index.indrelid, column_number, 'update'))
        ) order by 1`
    )
    // A slug is unique across teams on purpose.
    expect(keys.map(({ name }) => name)).toEqual(['teams_slug_key'])
  })

  test('signed-in callers have write grants by column only, and in private may select the views of rows alone', async () => {
    const grants = await as(service, sql =>
      sql.unsafe(`
      select table_schema, table_name, privilege_type from information_schema.role_table_grants
      where grantee = 'authenticated' and table_schema in (${ourSchemas})
      and (privilege_type not in ('SELECT', 'DELETE') or table_schema = 'private')
      order by table_name`)
    )
    expect(grants).toEqual(
      ['attachment_rows', 'contact_rows', 'organization_rows', 'ticket_rows'].map(table_name => ({
        table_schema: 'private',
        table_name,
        privilege_type: 'SELECT'
      }))
    )
  })

  test('signed-in callers may write these columns and no others', async () => {
    const rows = await as(
      service,
      sql => sql<{ key: string; columns: string[] }[]>`
      select table_name || ' ' || lower(privilege_type) as key, array_agg(column_name::text order by column_name::text) as columns
      from information_schema.role_column_grants
      where grantee = 'authenticated' and table_schema = 'public' and privilege_type in ('INSERT', 'UPDATE') group by 1`
    )
    expect(Object.fromEntries(rows.map(({ key, columns }) => [key, columns.join(' ')]))).toEqual({
      'teams update':
        'auto_close_days client_mails client_priority help_locales name portal_color portal_shows_due rating_delay_minutes slug time_zone unscanned_files',
      'profiles update': 'full_name last_team_id',
      'ticket_categories insert': 'key name portal_name position team_id',
      'ticket_categories update': 'name portal_name position',
      'ticket_types insert': 'category name position team_id',
      'ticket_types update': 'name position',
      'ticket_items insert': 'name position team_id type_id',
      'ticket_items update': 'name position',
      'tickets insert':
        'assigned_to category contact_id created_by description format item_id priority project_id requester_email requester_name ' +
        'severity status subject team_id type_id',
      'tickets update':
        'assigned_to category contact_id description format item_id priority project_id requester_email requester_name ' +
        'severity snoozed_until status subject type_id',
      'ticket_replies insert': 'content format is_internal team_id ticket_id user_id',
      'reply_drafts insert': 'content is_internal team_id ticket_id user_id',
      'reply_drafts update': 'content is_internal',
      'ticket_tags insert': 'tag team_id ticket_id',
      'contacts insert': 'created_by locale name notes organization_id team_id time_zone',
      'contacts update': 'locale name notes organization_id time_zone',
      'contact_addresses insert': 'address contact_id team_id',
      'organizations insert': 'created_by name notes shares_tickets team_id tier',
      'organizations update': 'name notes shares_tickets tier',
      'organization_domains insert': 'domain organization_id team_id',
      'ticket_articles insert': 'article_id cited_by kind team_id ticket_id',
      'ticket_participants insert': 'added_by can_read_history contact_id team_id ticket_id',
      'ticket_participants update': 'can_read_history',
      'projects insert': 'created_by name organization_id team_id',
      'projects update': 'archived_at name organization_id',
      'sla_policies insert':
        'calendar_id conditions created_by escalations is_active name pauses position reopen_percent target_by targets team_id warn_percent',
      'sla_policies update':
        'calendar_id conditions escalations is_active name pauses position reopen_percent target_by targets warn_percent',
      'article_categories insert': 'name names position team_id',
      'article_categories update': 'name names position',
      'canned_responses insert': 'category content created_by team_id title',
      'canned_responses update': 'category content title',
      'ticket_followers insert': 'team_id ticket_id user_id',
      'ticket_reads insert': 'read_at team_id ticket_id user_id',
      'ticket_reads update': 'read_at',
      'notification_preferences insert': 'in_app kind mail team_id user_id',
      'notification_preferences update': 'in_app mail',
      'notifications update': 'read_at',
      'saved_views insert': 'filters is_shared name position team_id user_id',
      'saved_views update': 'filters is_shared name position',
      'webhooks update': 'events is_active name url'
    })
  })

  test('browser roles have no grant to truncate, reference or create triggers', async () => {
    const grants = await as(service, sql =>
      sql.unsafe(
        `
          select grantee, table_name, privilege_type from information_schema.role_table_grants
          where grantee in ('anon', 'authenticated', 'PUBLIC') and table_schema in (${ourSchemas})
          and privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER')`
      )
    )
    expect(grants).toEqual([])
  })

  test('a new function or table has no grants until a migration adds them', () =>
    session(service, async ({ sql }) => {
      await sql
        .unsafe(
          `
          create function private.probe() returns int language sql as 'select 1';
          create function public.probe() returns int language sql as 'select 1';
          create table public.probe (id int)`
        )
        .simple()
      for (const role of ['anon', 'authenticated', 'public']) {
        expect(
          await sql`
            select has_function_privilege(${role}, 'private.probe()', 'execute') as private,
            has_function_privilege(${role}, 'public.probe()', 'execute') as public`,
          role
        ).toEqual([{ private: false, public: false }])
      }
      for (const role of ['anon', 'authenticated'])
        expect(await sql`select has_table_privilege(${role}, 'public.probe', 'select, insert, update, delete') as granted`).toEqual([
          { granted: false }
        ])
    }))
})

describe('search_path', () => {
  test('every function has an empty search_path', async () => {
    const unprotected = await as(service, sql =>
      sql.unsafe(
        `
          select proname from pg_proc
          where pronamespace::regnamespace::text in (${ourSchemas}) and not coalesce(proconfig, '{}') @> array['search_path=""']`
      )
    )
    expect(unprotected).toEqual([])
  })

  test('tables in pg_temp do not shadow the tables that security definer functions read', () =>
    session(dan, async ({ sql, as, refusal }) => {
      // An attack by SQL. Most projects do not let authenticated create temporary tables, so the test grants it.
      await as(service, sql => sql`grant temporary on database postgres to authenticated`)
      await sql`create temporary table team_members (team_id uuid, user_id uuid, role text)`
      await sql`create temporary table role_permissions (role text, permission text)`
      await sql`insert into team_members values (${acme.id}, ${dan.id}, 'owner')`
      await sql`insert into role_permissions values ('owner', 'tickets.view'), ('owner', 'members.manage')`
      await sql`create function pg_temp.uid() returns uuid language sql as ${sql.unsafe(`'select ''${bob.id}''::uuid'`)}`
      expect(await sql`select user_id from team_members`).toHaveLength(1) // an unqualified name finds the decoy
      expect(
        await sql`select private.is_team_member(${acme.id}) as member, private.has_permission(${acme.id}, 'tickets.view') as permitted`
      ).toEqual([{ member: false, permitted: false }])
      expect(await sql`select id from public.tickets where team_id = ${acme.id}`).toHaveLength(0)
      expect((await refusal(sql => sql`select private.remove_member(${acme.id}, ${bob.id})`)).code).toBe('PT404')
    }))
})

describe('private.role_permissions', () => {
  test('private.role_permissions holds the rows of shared/permissions.ts', async () => {
    const rows = await as(
      service,
      sql => sql<{ permission: string; role: string }[]>`select permission, role from private.role_permissions`
    )
    const listed = [
      ...Object.entries(permissions).flatMap(([permission, roles]) => roles.map(role => ({ permission, role: role as string }))),
      ...agentPermissions.map(permission => ({ permission, role: 'agent' }))
    ]
    const sorted = (list: { permission: string; role: string }[]) => list.map(({ permission, role }) => `${permission} ${role}`).sort()
    expect(sorted(rows)).toEqual(sorted(listed))
  })

  test('private.has_permission() agrees with shared/permissions.ts for every role', async () => {
    for (const role of roles) {
      const answers = await session(service, async ({ sql, become }) => {
        await sql`update team_members set role = 'owner' where team_id = ${acme.id}`
        await sql`update team_members set role = ${role} where team_id = ${acme.id} and user_id = ${bob.id}`
        await become(bob)
        return Promise.all(
          Object.keys(permissions).map(async permission => [
            permission,
            (await sql<[{ has: boolean }]>`select private.has_permission(${acme.id}, ${permission}) as has`)[0].has
          ])
        )
      })
      expect(Object.fromEntries(answers)).toEqual(
        Object.fromEntries(
          Object.entries(permissions).map(([permission, holders]) => [permission, (holders as readonly string[]).includes(role)])
        )
      )
    }
  })

  test('a member can neither read nor change private.role_permissions', () =>
    session(bob, async ({ refusal }) => {
      expect((await refusal(sql => sql`insert into private.role_permissions values ('member', 'team.delete')`)).code).toBe('42501')
      expect((await refusal(sql => sql`select * from private.role_permissions`)).code).toBe('42501')
    }))
})

describe('private.scope_permissions', () => {
  test('private.scope_permissions holds the rows of shared/permissions.ts', async () => {
    const rows = await as(
      service,
      sql => sql<{ scope: string; permission: string }[]>`select scope, permission from private.scope_permissions`
    )
    expect(rows.map(({ scope, permission }) => `${scope} ${permission}`).sort()).toEqual(
      scopes.flatMap(scope => scopePermissions[scope].map(permission => `${scope} ${permission}`)).sort()
    )
  })

  test('every scope includes read, and none may administer the team, members, keys, webhooks or jobs', () => {
    for (const scope of scopes) {
      expect(scopePermissions[scope]).toEqual(expect.arrayContaining([...scopePermissions.read]))
      expect(
        scopePermissions[scope].filter(permission => /^(team\.(?!view)|members\.(?!view_emails)|webhooks|api_keys|jobs)/.test(permission))
      ).toEqual([])
    }
  })
})

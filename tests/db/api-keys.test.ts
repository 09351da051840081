import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import {
  permissions,
  roleCan,
  scopes as allScopes,
  scopesAllow,
  scopesIssue,
  type KeyHolder,
  type Permission,
  type Scope
} from '#shared/permissions'
import { anonymous, database, readTable, service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, bob, dan, initech, ivan, unknownId, vera } from '../support/world.ts'

const key = randomUUID()
const digest = () => randomBytes(32)
const prefix = 'sk_abcdefgh'

interface Fields {
  id?: string
  user_id?: string
  created_by?: string
  scopes?: Scope[]
  hash?: Buffer
  team_id?: string
}

/** Inserts a key past row-level security. */
function insertKey(
  sql: TransactionSql,
  { id = key, user_id = bob.id, created_by = ann.id, scopes = ['read'], hash = digest(), team_id = acme.id }: Fields = {}
) {
  return sql`insert into public.api_keys ${sql({ id, team_id, user_id, name: 'n8n', prefix, key_hash: hash, scopes, created_by })}`
}

function create(sql: TransactionSql, { user_id = null as string | null, role = 'member', scopes = ['read'] } = {}) {
  return sql<
    { id: string }[]
  >`select private.create_api_key(${acme.id}, ${user_id}, 'n8n', ${scopes}, null, ${prefix}, ${digest()}, ${role}) as id`
}

const rotate = (sql: TransactionSql) => sql`select private.rotate_api_key(${acme.id}, ${key}, ${prefix}, ${digest()})`

describe('API keys', () => {
  test('create_api_key refuses people outside the team, no scopes, unknown scopes and a past expiry', () =>
    session(ann, async ({ refusal }) => {
      expect(await refusal(sql => create(sql, { user_id: dan.id }))).toMatchObject({ code: 'PT400', detail: 'user_id' })
      expect(await refusal(sql => create(sql, { user_id: unknownId }))).toMatchObject({ code: 'PT400', detail: 'user_id' })
      expect((await refusal(sql => create(sql, { scopes: [] }))).code).toBe('23514')
      expect((await refusal(sql => create(sql, { scopes: ['admin'] }))).code).toBe('23514')
      expect(
        await refusal(
          sql =>
            sql`select private.create_api_key(${acme.id}, ${ann.id}, 'old', '{read}', now() - interval '1 second', ${prefix}, ${digest()})`
        )
      ).toMatchObject({ code: 'PT400', detail: 'expires_at' })
    }))

  test('create_api_key refuses repeated scopes and scopes without effect for the kind and role of the holder', () =>
    session(service, async ({ sql, become, refusal }) => {
      const agent = randomUUID()
      await sql`insert into profiles (id, kind, full_name) values (${agent}, 'service', 'n8n')`
      await sql`insert into team_members (team_id, user_id, role) values (${acme.id}, ${agent}, 'member')`
      const holders: [KeyHolder, (sql: TransactionSql, scopes: Scope[]) => Promise<unknown>][] = [
        [{ kind: 'person', role: 'owner' }, (sql, scopes) => create(sql, { user_id: ann.id, scopes })],
        [{ kind: 'person', role: 'member' }, (sql, scopes) => create(sql, { user_id: bob.id, scopes })],
        [{ kind: 'person', role: 'viewer' }, (sql, scopes) => create(sql, { user_id: vera.id, scopes })],
        [{ kind: 'service', role: 'member' }, (sql, scopes) => create(sql, { scopes })],
        [{ kind: 'service', role: 'member' }, (sql, scopes) => create(sql, { user_id: agent, scopes })],
        [{ kind: 'service', role: 'viewer' }, (sql, scopes) => create(sql, { role: 'viewer', scopes })]
      ]
      const sets = Array.from({ length: 15 }, (_, bits) => allScopes.filter((_, position) => (bits + 1) & (1 << position)))
      await become(ann)
      for (const [holder, make] of holders) {
        for (const scopes of sets) {
          const issue = scopesIssue(holder, scopes)
          const what = `${holder.kind} ${holder.role} ${scopes.join()}`
          if (issue) expect(await refusal(sql => make(sql, scopes)), what).toEqual({ code: 'PT422', detail: 'scopes', message: issue })
          else await make(sql, scopes)
        }
      }
      expect(await refusal(sql => create(sql, { scopes: ['read', 'read'] }))).toMatchObject({ code: 'PT422', detail: 'scopes' })
      // The table of the README.
      expect(scopesIssue({ kind: 'service', role: 'member' }, ['write', 'assign'])).toBeNull()
      expect(scopesIssue({ kind: 'service', role: 'member' }, ['assign'])).toMatch(/requires the scope write/)
      expect(scopesIssue({ kind: 'service', role: 'viewer' }, ['write', 'assign'])).toMatch(/does not allow anything in the scope assign/)
      expect(scopesIssue({ kind: 'person', role: 'member' }, ['write', 'assign'])).toMatch(/does not allow anything in the scope assign/)
      expect(scopesIssue({ kind: 'person', role: 'viewer' }, ['export'])).toMatch(/does not allow anything in the scope export/)
      expect(scopesIssue({ kind: 'person', role: 'admin' }, ['write', 'assign', 'export'])).toBeNull()
    }))

  test('a key is revoked with the membership of its member, and the event names who removed them', () =>
    session(ann, async ({ sql, as }) => {
      const [made] = await create(sql, { user_id: bob.id })
      await sql`select private.remove_member(${acme.id}, ${bob.id})`
      expect(await as(service, sql => sql`select from api_keys where id = ${made!.id}`)).toHaveLength(0)
      const [event] = await as(
        service,
        sql => sql`select type, actor_id, "from" from ticket_events where type = 'api_key.revoked' order by id desc limit 1`
      )
      expect(event).toMatchObject({
        actor_id: ann.id,
        from: { name: 'n8n', prefix, member: { id: bob.id, full_name: bob.name }, scopes: ['read'] }
      })
    }))

  test('a key created by somebody else is revoked when its member becomes a manager; their own key stays', () =>
    session(service, async ({ sql, become, as }) => {
      const own = randomUUID()
      await insertKey(sql)
      await insertKey(sql, { id: own, created_by: bob.id })
      await become(ann)
      await sql`select private.change_member_role(${acme.id}, ${bob.id}, 'viewer')`
      expect(await as(service, sql => sql`select from api_keys where user_id = ${bob.id}`)).toHaveLength(3)
      await sql`select private.change_member_role(${acme.id}, ${bob.id}, 'admin')`
      expect(await as(service, sql => sql`select id from api_keys where user_id = ${bob.id}`)).toEqual([{ id: own }])
    }))

  test('a key of another team stays when its member becomes a manager in this team', () =>
    session(service, async ({ sql, as }) => {
      await sql`insert into team_members (team_id, user_id, role) values (${initech.id}, ${bob.id}, 'member')`
      await insertKey(sql, { team_id: initech.id, created_by: ivan.id })
      await as(ann, sql => sql`select private.change_member_role(${acme.id}, ${bob.id}, 'admin')`)
      expect(await sql`select from api_keys where id = ${key}`).toHaveLength(1)
    }))

  test('rotating a key sets created_by to the caller and clears last_used_at', () =>
    session(service, async ({ sql, as }) => {
      await insertKey(sql)
      await sql`update api_keys set last_used_at = now()`
      await as(adam, rotate)
      expect(await sql`select created_by, last_used_at from api_keys where id = ${key}`).toEqual([
        { created_by: adam.id, last_used_at: null }
      ])
    }))

  test('an expired key cannot be rotated', () =>
    session(service, async ({ sql, become, refusal }) => {
      await insertKey(sql)
      await sql`update api_keys set expires_at = now()`
      await become(ann)
      expect(await refusal(rotate)).toMatchObject({ code: 'PT422', detail: 'expired' })
      await become(ivan)
      expect((await refusal(rotate)).code, 'another team does not learn that the key exists').toBe('PT404')
    }))

  test('creating, rotating and revoking a key each write an event without the digest', () =>
    session(adam, async ({ sql, as }) => {
      const [made] = await create(sql, { user_id: bob.id, scopes: ['read', 'write'] })
      await sql`select private.rotate_api_key(${acme.id}, ${made!.id}, 'sk_ijklmnop', ${digest()})`
      await as(service, sql => sql`update api_keys set last_used_at = now() where id = ${made!.id}`)
      await sql`delete from api_keys where id = ${made!.id}`
      const events = await as(
        service,
        sql =>
          sql`
            select type, actor_id, "from", "to" from ticket_events
            where team_id = ${acme.id} and type like 'api_key.%' and 'n8n' in ("from" ->> 'name', "to" ->> 'name') order by id`
      )
      const reference = { name: 'n8n', prefix, member: { id: bob.id, full_name: bob.name }, scopes: ['read', 'write'] }
      const later = { ...reference, prefix: 'sk_ijklmnop' }
      expect(events).toEqual([
        { type: 'api_key.created', actor_id: adam.id, from: null, to: reference },
        { type: 'api_key.rotated', actor_id: adam.id, from: reference, to: later },
        { type: 'api_key.revoked', actor_id: adam.id, from: later, to: null }
      ])
    }))

  // No `where` and no `returning`: with them the select policy would hide the keys that the delete must not reach.
  test('a delete without a condition revokes the keys of the caller and no others', () =>
    session(service, async ({ sql, as }) => {
      await insertKey(sql)
      await insertKey(sql, { id: randomUUID(), user_id: vera.id })
      const keys = () => sql<{ user_id: string }[]>`select user_id from api_keys where team_id = ${acme.id}`
      const before = await keys()
      await as(vera, sql => sql`delete from api_keys`)
      expect(await keys()).toEqual(before.filter(({ user_id }) => user_id !== vera.id))
    }))

  test('creating a key locks the row of the team, so that concurrent requests cannot exceed the limit', () =>
    session(ann, async ({ sql }) => {
      await create(sql)
      await expect(
        database().begin(other => other`select from teams where id = ${acme.id} for no key update nowait`)
      ).rejects.toMatchObject({ code: '55P03' })
    }))

  test('a team has at most 100 keys', () =>
    session(service, async ({ sql, become, refusal }) => {
      for (let number = 0; number < 98; number++) await insertKey(sql, { id: randomUUID() })
      await become(ann)
      await create(sql)
      expect(await refusal(sql => create(sql))).toMatchObject({ code: 'PT422', detail: 'limit' })
      await become(ivan)
      expect(await refusal(sql => create(sql)), 'another team does not learn the count').toMatchObject({ code: 'PT403' })
    }))
})

describe('service agents', () => {
  test('a service agent has no account and no address, and cannot become an admin or owner', () =>
    session(ann, async ({ sql, as, refusal }) => {
      const [made] = await create(sql, { role: 'viewer' })
      const [agent] = await sql<[{ id: string; kind: string; full_name: string; role: string }]>`
      select person.id, person.kind, person.full_name, member.role from api_keys key join profiles person on person.id = key.user_id
      join team_members member on member.user_id = person.id where key.id = ${made!.id}`
      expect(agent).toMatchObject({ kind: 'service', full_name: 'n8n', role: 'viewer' })
      expect(await as(service, sql => sql`select from auth.users where id = ${agent.id}`)).toHaveLength(0)
      expect(await sql`select user_id from private.team_member_emails(${acme.id}) where user_id = ${agent.id}`).toHaveLength(0)
      for (const role of ['admin', 'owner']) {
        expect(await refusal(sql => sql`select private.change_member_role(${acme.id}, ${agent.id}, ${role})`)).toMatchObject({
          code: 'PT422',
          detail: 'service_role'
        })
        expect(await refusal(sql => create(sql, { role }))).toMatchObject({ code: 'PT422', detail: 'service_role' })
      }
      await sql`select private.change_member_role(${acme.id}, ${agent.id}, 'member')`
      expect(
        (await refusal(async sql => as(service, () => sql`insert into auth.users (id, email) values (${agent.id}, 'agent@acme.test')`)))
          .code
      ).toBe('23514')
    }))

  test('the profile of a person in no team is deleted with their account', () =>
    session(service, async ({ sql }) => {
      const id = randomUUID()
      await sql`insert into auth.users (id, email) values (${id}, ${`${id}@x.test`})`
      expect(await sql`select kind from profiles where id = ${id}`).toEqual([{ kind: 'person' }])
      await sql`delete from auth.users where id = ${id}`
      expect(await sql`select from profiles where id = ${id}`).toHaveLength(0)
    }))
})

describe('private.use_api_key', () => {
  const use = (sql: TransactionSql, hash: Buffer) =>
    sql<
      { user_id: string; remaining: number; reset: number; wait: number | null }[]
    >`select user_id, remaining, reset, wait from private.use_api_key(${hash})`

  test('a key is found by its digest, unless it is expired or was rotated', () =>
    session(service, async ({ sql, become, as }) => {
      const hash = createHash('sha256').update('sk_x').digest()
      await insertKey(sql, { hash })
      await become(anonymous)
      expect(await sql`select id, team_id, user_id, role, scopes, wait from private.use_api_key(${hash})`).toEqual([
        { id: key, team_id: acme.id, user_id: bob.id, role: 'member', scopes: ['read'], wait: null }
      ])
      expect(await use(sql, digest())).toHaveLength(0)
      await as(service, sql => sql`update api_keys set expires_at = now() where id = ${key}`)
      expect(await use(sql, hash)).toHaveLength(0)
      await as(service, sql => sql`update api_keys set expires_at = now() + interval '1 hour' where id = ${key}`)
      expect(await use(sql, hash)).toHaveLength(1)
      await as(ann, sql => sql`select private.rotate_api_key(${acme.id}, ${key}, ${prefix}, ${digest()})`)
      expect(await use(sql, hash)).toHaveLength(0)
    }))

  test.each([
    ['a key of a banned member is refused', "update auth.users set banned_until = now() + interval '1 minute' where id = $1", 0],
    [
      'a key works when the ban of its member has ended',
      "update auth.users set banned_until = now() - interval '1 second' where id = $1",
      1
    ],
    ['a key of a deleted account is refused', 'update auth.users set deleted_at = now() where id = $1', 0]
  ])('%s', (_, change, found) =>
    session(service, async ({ sql }) => {
      const hash = digest()
      await insertKey(sql, { hash })
      await sql.unsafe(change, [bob.id])
      expect(await use(sql, hash)).toHaveLength(found)
    })
  )

  test('a key may make 100 requests at once, then 10 a second', () =>
    session(service, async ({ sql, as }) => {
      const hash = digest()
      await insertKey(sql, { hash })
      const answers = []
      for (let number = 0; number < 130; number++) answers.push(...(await use(sql, hash)))
      expect(answers[0]).toMatchObject({ remaining: 99, wait: null })
      const refused = answers.filter(({ wait }) => wait !== null)
      // The allowance refills while the loop runs.
      expect(answers.length - refused.length).toBeGreaterThanOrEqual(100)
      expect(refused.length).toBeGreaterThan(0)
      expect(
        refused.every(({ wait, remaining, reset }) => wait! > 0 && wait! <= 0.1 && remaining === 0 && reset > 9.8 && reset <= 10)
      ).toBe(true)
      await as(service, sql => sql`update private.api_key_allowances set whole_at = whole_at - interval '1 second' where key_id = ${key}`)
      expect((await use(sql, hash))[0]).toMatchObject({ wait: null, remaining: 9 })
    }))

  test('last_used_at is written at most once a minute', () =>
    session(service, async ({ sql }) => {
      const hash = digest()
      await insertKey(sql, { hash })
      const usedAt = async () =>
        (await sql<[{ last_used_at: Date | null }]>`select last_used_at from api_keys where id = ${key}`)[0].last_used_at
      expect(await usedAt()).toBeNull()
      await use(sql, hash)
      const first = await usedAt()
      await use(sql, hash)
      expect(await usedAt()).toEqual(first)
      await sql`update api_keys set last_used_at = now() - interval '61 seconds' where id = ${key}`
      await use(sql, hash)
      expect((await usedAt())!.getTime()).toBeGreaterThanOrEqual(first!.getTime())
    }))
})

describe('the claims of an API key', () => {
  /** Acts as `person` through a key with these scopes. */
  async function byKey({ sql, become }: Session, scopes: string[], { person = bob, team_id = acme.id as string } = {}) {
    await become(person)
    await sql`
      select set_config('request.jwt.claims',
      ${JSON.stringify({ sub: person.id, role: 'authenticated', api_key: { id: key, team_id, scopes } })}, true)`
  }

  test.each([[['read']], [['write']], [['assign']], [['export']], [['read', 'write']], [['write', 'assign', 'export']]] as [Scope[]][])(
    'with the scopes %j, a key has the permissions that both the scopes and the role allow',
    granted =>
      session(service, async current => {
        for (const person of [ann, adam, bob, vera]) {
          await byKey(current, granted, { person })
          for (const permission of Object.keys(permissions) as Permission[]) {
            const expected = roleCan(person.role, permission) && scopesAllow(granted, permission)
            const [answer] = await current.sql`
              select private.has_permission(${acme.id}, ${permission}) as has,
              ${acme.id} = any (private.permitted_team_ids(${permission})) as permitted`
            expect(answer, `${person.role} ${granted} ${permission}`).toEqual({ has: expected, permitted: expected })
          }
        }
      })
  )

  test.each([[[]], [['admin']], [['owner']], [null]])('a key with the scopes %j has no permission', scopes =>
    session(service, async current => {
      await byKey(current, scopes as string[])
      expect(
        await current.sql`
          select private.has_permission(${acme.id}, 'team.view') as has, private.permitted_team_ids('team.view') as permitted`
      ).toEqual([{ has: false, permitted: [] }])
    })
  )

  test('a key sees its own team alone, even when its member is in several', () =>
    session(service, async current => {
      const { sql } = current
      await sql`insert into team_members (team_id, user_id, role) values (${initech.id}, ${bob.id}, 'owner')`
      await byKey(current, ['read', 'write'])
      expect(await sql`select id from teams`).toEqual([{ id: acme.id }])
      expect(await sql`select id from tickets where team_id = ${initech.id}`).toHaveLength(0)
      expect(
        await sql`select private.is_team_member(${initech.id}) as member, private.has_permission(${initech.id}, 'tickets.view') as has`
      ).toEqual([{ member: false, has: false }])
      expect(await sql`select id from profiles where id = ${ivan.id}`).toHaveLength(0)
      await byKey(current, ['read', 'write'], { team_id: initech.id })
      expect(await sql`select id from teams`).toEqual([{ id: initech.id }])
    }))

  test('a key of a team that its member is not in sees nothing', () =>
    session(service, async current => {
      await byKey(current, ['read', 'write'], { team_id: initech.id })
      expect(await current.sql`select id from teams`).toHaveLength(0)
      expect(await current.sql`select id from tickets`).toHaveLength(0)
    }))

  // Each statement succeeds for Bob himself: `needsWrite` for a key with the scope write as well, `forbidden` for no key.
  const needsWrite: [does: string, run: (sql: TransactionSql) => Promise<readonly unknown[]>][] = [
    ['creates a ticket', sql => sql`insert into tickets (team_id, subject, description) values (${acme.id}, 'x', 'x') returning id`],
    ['changes a ticket', sql => sql`update tickets set subject = 'x' where id = ${acme.tickets.bobs} returning id`],
    [
      'tags a ticket',
      sql => sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${acme.tickets.anns}, 'x') returning id`
    ],
    ['removes a tag', sql => sql`delete from ticket_tags where id = ${acme.tag} returning id`],
    [
      'replies',
      sql => sql`insert into ticket_replies (team_id, ticket_id, content) values (${acme.id}, ${acme.tickets.bobs}, 'x') returning id`
    ],
    ["deletes Bob's reply", sql => sql`delete from ticket_replies where id = ${acme.replies.bobs} returning id`],
    [
      'begins a bulk operation',
      sql => sql`select private.begin_bulk_operation(${acme.id}, 'set_priority', '"urgent"', ${[acme.tickets.bobs]}::uuid[])`
    ],
    [
      'imports a ticket',
      sql =>
        sql`
          select private.import_ticket(${acme.id}, 'x',
          ${sql.json({
            subject: 'x',
            description: 'x',
            format: 'text',
            status: 'open',
            priority: 'normal',
            severity: 3,
            category: 'other',
            route: [],
            tags: []
          })}, '[]')`
    ]
  ]
  const forbidden: typeof needsWrite = [
    ['renames Bob', sql => sql`update profiles set full_name = 'x' where id = ${bob.id} returning id`],
    [
      'saves a preference',
      async sql => {
        await sql`select private.save_preferences('{"probe": 1}')`
        return sql`select id from private.my_profile() where preferences ? 'probe'`
      }
    ],
    ['uploads a picture', sql => sql`select private.save_avatar('x', 'image/png')`],
    ["reads Bob's profile and preferences", sql => sql`select id from private.my_profile()`],
    ['reads a picture', sql => sql`select content_type from private.avatar(${bob.id})`],
    ["reads Bob's draft", sql => sql`select content from reply_drafts`],
    [
      'saves a draft',
      sql => sql`insert into reply_drafts (team_id, ticket_id, content) values (${acme.id}, ${acme.tickets.anns}, 'x') returning ticket_id`
    ],
    ["changes Bob's draft", sql => sql`update reply_drafts set content = 'x' returning ticket_id`],
    ["deletes Bob's draft", sql => sql`delete from reply_drafts returning ticket_id`],
    ["reads Bob's view", sql => sql`select id from saved_views where id = ${acme.views.bobs}`],
    ['saves a view', sql => sql`insert into saved_views (team_id, name) values (${acme.id}, 'x') returning id`],
    ['shares a view', sql => sql`insert into saved_views (team_id, name, is_shared) values (${acme.id}, 'x', true) returning id`],
    ["changes Bob's view", sql => sql`update saved_views set name = 'x' where id = ${acme.views.bobs} returning id`],
    ["deletes Bob's view", sql => sql`delete from saved_views where id = ${acme.views.bobs} returning id`],
    ["reads Bob's notifications", sql => sql`select id from notifications`],
    ["marks Bob's notifications as read", sql => sql`update notifications set read_at = now() returning id`],
    ["reads Bob's notification preferences", sql => sql`select kind from notification_preferences`],
    [
      'adds a notification preference for Bob',
      sql => sql`insert into notification_preferences (team_id, kind, mail) values (${acme.id}, 'replied', false) returning kind`
    ],
    ["changes Bob's notification preferences", sql => sql`update notification_preferences set mail = false returning kind`],
    [
      'follows a ticket for Bob',
      sql => sql`insert into ticket_followers (team_id, ticket_id) values (${acme.id}, ${acme.tickets.anns}) returning ticket_id`
    ],
    ["reads Bob's bulk operation", sql => sql`select id from bulk_operations where id = ${acme.operation}`],
    ["undoes Bob's bulk operation", sql => sql`select private.begin_bulk_undo(${acme.id}, ${acme.operation})`],
    ['creates a team', sql => sql`select private.create_team('x')`],
    ['removes Bob from the team', sql => sql`select private.remove_member(${acme.id}, ${bob.id})`],
    ['accepts an invitation', sql => sql`select private.accept_invitation(${digest()})`],
    ['reads its own row', sql => sql`select id from api_keys`],
    ['revokes itself', sql => sql`delete from api_keys returning id`]
  ]
  /** Adds a picture, a draft, a notification and a preference of Bob. */
  async function addBobsRows(sql: TransactionSql) {
    await sql`insert into private.avatars (user_id, content, content_type) values (${bob.id}, 'x', 'image/png') on conflict do nothing`
    await sql`
      insert into reply_drafts (team_id, ticket_id, user_id, content)
      values (${acme.id}, ${acme.tickets.bobs}, ${bob.id}, 'Private') on conflict do nothing`
    await sql`
      insert into notifications (team_id, user_id, event_id, kind, ticket_id)
      values (${acme.id}, ${bob.id}, 0, 'assigned', ${acme.tickets.bobs}) on conflict do nothing`
    await sql`
      insert into notification_preferences (team_id, user_id, kind) values (${acme.id}, ${bob.id}, 'assigned') on conflict do nothing`
  }

  /** Whether a key with these scopes may run the statement. */
  const succeeds = async (current: Session, scopes: string[], run: (sql: TransactionSql) => Promise<readonly unknown[]>) => {
    await insertKey(current.sql)
    await byKey(current, scopes)
    try {
      return (await current.sql.savepoint(sql => run(sql))).length > 0
    } catch (error) {
      expect((error as { code: string }).code, String(error)).toMatch(/^(42501|PT403|PT404)$/)
      return false
    }
  }

  test.each(needsWrite)('without the scope write, no key %s', (_, run) =>
    session(service, async current => {
      for (const scopes of [['read'], ['assign'], ['export'], ['read', 'assign', 'export']])
        expect(
          await current.sql
            .savepoint(async () => succeeds(current, scopes, run))
            .finally(() => current.become(service).then(() => current.sql`delete from api_keys`)),
          scopes.join()
        ).toBe(false)
    })
  )

  test.each(needsWrite)('with the scope write, a key %s', (_, run) =>
    session(service, async current => {
      expect(await succeeds(current, ['write'], run)).toBe(true)
    })
  )

  test.each(forbidden)('with every scope, no key %s', (_, run) =>
    session(service, async current => {
      await addBobsRows(current.sql)
      expect(await succeeds(current, ['read', 'write', 'assign', 'export'], run)).toBe(false)
    })
  )

  // No `where` and no `returning`: nothing is read, so that the select policy does not stand in for the policies for writing.
  test.each([
    [
      'saves a draft',
      'reply_drafts',
      `insert into reply_drafts (team_id, ticket_id, content) values ('${acme.id}', '${acme.tickets.anns}', 'x')`
    ],
    ["changes Bob's draft", 'reply_drafts', "update reply_drafts set content = 'x'"],
    ["deletes Bob's draft", 'reply_drafts', 'delete from reply_drafts'],
    ['saves a view', 'saved_views', `insert into saved_views (team_id, name) values ('${acme.id}', 'x')`],
    ["changes Bob's view", 'saved_views', "update saved_views set name = 'x'"],
    ["deletes Bob's view", 'saved_views', 'delete from saved_views'],
    [
      'follows a ticket for Bob',
      'ticket_followers',
      `insert into ticket_followers (team_id, ticket_id) values ('${acme.id}', '${acme.tickets.anns}')`
    ],
    ['unfollows every ticket for Bob', 'ticket_followers', 'delete from ticket_followers'],
    [
      'adds a notification preference for Bob',
      'notification_preferences',
      `insert into notification_preferences (team_id, kind, mail) values ('${acme.id}', 'replied', false)`
    ],
    ["changes Bob's notification preferences", 'notification_preferences', 'update notification_preferences set mail = false'],
    ["marks Bob's notifications as read", 'notifications', 'update notifications set read_at = now()'],
    ["revokes a key of Bob's", 'api_keys', 'delete from api_keys']
  ])('with every scope, no key %s in a statement without a condition; Bob does', (_, table, statement) =>
    session(service, async current => {
      await addBobsRows(current.sql)
      await current.sql`insert into ticket_followers (team_id, ticket_id, user_id) values (${acme.id}, ${acme.tickets.bobs}, ${bob.id})`
      await insertKey(current.sql)
      const before = await readTable(current.sql, table)
      await byKey(current, ['read', 'write', 'assign', 'export'])
      // An update of hidden rows changes nothing: an error would reveal that they exist.
      if (statement.startsWith('insert')) expect((await current.refusal(sql => sql.unsafe(statement))).code).toBe('42501')
      else expect((await current.sql.unsafe(statement)).count).toBe(0)
      expect(await current.as(service, sql => readTable(sql, table))).toEqual(before)
      await current.become(bob)
      await current.sql.unsafe(statement)
      expect(await current.as(service, sql => readTable(sql, table))).not.toEqual(before)
    })
  )

  // Each call succeeds for Bob himself, so that only the key can be the reason of the refusal.
  test.each([
    ['creates a team', (sql: TransactionSql) => sql`select private.create_team('x')`],
    ['removes Bob from the team', (sql: TransactionSql) => sql`select private.remove_member(${acme.id}, ${bob.id})`],
    ['accepts an invitation', (sql: TransactionSql) => sql`select private.accept_invitation(${Buffer.alloc(32, 9)})`],
    ['uploads a picture', (sql: TransactionSql) => sql`select private.save_avatar('x', 'image/png')`],
    ['deletes the picture', (sql: TransactionSql) => sql`select private.delete_avatar()`],
    ['saves a preference', (sql: TransactionSql) => sql`select private.save_preferences('{"probe": 1}')`]
  ])('with every scope, no key %s: private.require_person() refuses keys', (_, run) =>
    session(service, async current => {
      await current.sql`
        insert into team_invitations (team_id, email, role, token_hash, invited_by)
        values (${initech.id}, ${bob.email}, 'member', ${Buffer.alloc(32, 9)}, ${ivan.id})`
      await byKey(current, ['read', 'write', 'assign', 'export'])
      expect(await current.refusal(run)).toMatchObject({ code: 'PT403', detail: 'api_key' })
      await current.become(bob)
      await run(current.sql)
    })
  )

  test('assigning a ticket to somebody else needs the scopes assign and write', () =>
    session(service, async current => {
      const assign = (sql: TransactionSql) =>
        sql`update tickets set assigned_to = ${bob.id} where id = ${acme.tickets.unassigned} returning id`
      await byKey(current, ['write'], { person: adam })
      expect((await current.refusal(assign)).code).toBe('PT403')
      await byKey(current, ['assign'], { person: adam })
      expect(await assign(current.sql)).toHaveLength(0)
      await byKey(current, ['write', 'assign'], { person: adam })
      expect(await assign(current.sql)).toHaveLength(1)
    }))

  test('a service agent with the role member needs the scopes assign and write to assign', () =>
    session(service, async current => {
      const agent = { id: randomUUID(), email: '' }
      await current.sql`insert into profiles (id, kind, full_name) values (${agent.id}, 'service', 'n8n')`
      await current.sql`insert into team_members (team_id, user_id, role) values (${acme.id}, ${agent.id}, 'member')`
      const person = { ...bob, ...agent }
      const assign = (sql: TransactionSql) =>
        sql`update tickets set assigned_to = ${bob.id} where id = ${acme.tickets.unassigned} returning id`
      const create = (sql: TransactionSql) =>
        sql`insert into tickets (team_id, subject, description, assigned_to) values (${acme.id}, 'x', 'x', ${bob.id}) returning id`
      await byKey(current, ['write'], { person })
      expect((await current.refusal(assign)).code).toBe('PT403')
      expect((await current.refusal(create)).code).toBe('42501')
      await byKey(current, ['write', 'assign'], { person })
      expect(await assign(current.sql)).toHaveLength(1)
      expect(await create(current.sql)).toHaveLength(1)
      await current.become(service)
      await current.sql`update team_members set role = 'viewer' where user_id = ${agent.id}`
      await byKey(current, ['write', 'assign'], { person })
      expect(
        await current.sql`
          select private.has_permission(${acme.id}, 'tickets.assign') as has,
          ${acme.id} = any (private.permitted_team_ids('tickets.assign')) as permitted`
      ).toEqual([{ has: false, permitted: false }])
    }))

  test('a key sees, continues and undoes its own bulk operations alone; Bob sees those of all his keys', () =>
    session(service, async current => {
      const { sql, refusal } = current
      const other = randomUUID()
      await insertKey(sql, { scopes: ['write'] })
      await insertKey(sql, { id: other, scopes: ['write'] })
      await byKey(current, ['write'])
      const [operation] = await sql<
        [{ id: string }]
      >`select private.begin_bulk_operation(${acme.id}, 'set_priority', '"urgent"', ${[acme.tickets.bobs]}::uuid[]) as id`
      const by = (id: string) =>
        sql`
          select set_config('request.jwt.claims',
          ${JSON.stringify({ sub: bob.id, role: 'authenticated', api_key: { id, team_id: acme.id, scopes: ['write'] } })}, true)`
      await by(other)
      expect(await sql`select id from bulk_operations where id = ${operation.id}`).toHaveLength(0)
      expect(await sql`select private.next_bulk_tickets(${operation.id}, 10) as ids`).toEqual([{ ids: null }])
      expect((await refusal(sql => sql`select private.record_bulk_changes(${operation.id})`)).code).toBe('PT404')
      expect((await refusal(sql => sql`select private.begin_bulk_undo(${acme.id}, ${operation.id})`)).code).toBe('PT404')
      await current.become(bob)
      expect(await sql`select id from bulk_operations where id = ${operation.id}`, 'Bob himself').toHaveLength(1)
      await byKey(current, ['write'])
      expect(await sql`select private.next_bulk_tickets(${operation.id}, 10) as ids`).toEqual([{ ids: [acme.tickets.bobs] }])
      await sql`update tickets set priority = 'urgent' where id = ${acme.tickets.bobs}`
      await sql`select private.record_bulk_changes(${operation.id})`

      const continued = async () =>
        (await sql<[{ continued: boolean }]>`select private.continue_bulk_undo(${operation.id}, 10) as continued`)[0].continued
      await sql`select private.begin_bulk_undo(${acme.id}, ${operation.id})`
      await by(other)
      expect(await continued()).toBe(false)
      // An undo belongs to the caller who started it, not to the author of the change.
      await current.become(service)
      await sql`update bulk_operations set status = 'done' where id = ${operation.id}`
      await current.become(bob)
      await sql`select private.begin_bulk_undo(${acme.id}, ${operation.id})`
      await by(key)
      expect(await continued()).toBe(false)
      await current.become(bob)
      expect(await continued()).toBe(true)
      expect(await sql`select priority from tickets where id = ${acme.tickets.bobs}`).not.toEqual([{ priority: 'urgent' }])
    }))

  test('every event that a key causes names the key and who created it', () =>
    session(service, async current => {
      const { sql, become, as } = current
      await insertKey(sql, { scopes: ['write'] })
      await byKey(current, ['write'])
      await sql`select set_config('switchboard.channel', 'api', true)`
      await sql`update tickets set subject = 'By a key' where id = ${acme.tickets.bobs}`
      await sql`insert into ticket_replies (team_id, ticket_id, content) values (${acme.id}, ${acme.tickets.bobs}, 'By a key')`
      await sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${acme.tickets.bobs}, 'by-a-key')`
      await sql`set constraints all immediate`
      const written = (sql: TransactionSql) =>
        sql`select type, actor_id, api_key from ticket_events where team_id = ${acme.id} order by id desc limit 3`
      const api_key = { id: key, name: 'n8n', created_by: { id: ann.id, full_name: ann.name } }
      expect(
        (await as(service, written)).map(({ actor_id, api_key }) => ({ actor_id: actor_id as string, api_key: api_key as object }))
      ).toEqual(Array(3).fill({ actor_id: bob.id, api_key }))
      await become(bob)
      await sql`update tickets set subject = 'By Bob' where id = ${acme.tickets.bobs}`
      expect((await as(service, written))[0]).toMatchObject({ actor_id: bob.id, api_key: null })
    }))

  test('policies look up the permissions of a key once per query', () =>
    session(service, async current => {
      await byKey(current, ['read'])
      const [row] = await current.sql<[{ 'QUERY PLAN': unknown }]>`explain (analyze, format json) select id from tickets`
      const plan = JSON.stringify(row['QUERY PLAN'])
      const initial = [...plan.matchAll(/"Subplan Name":"InitPlan \d+"[^{}]*"Actual Loops":(\d+)/g)].map(match => match[1])
      expect(initial, plan).toEqual(['1'])
    }))
})

test('a new ticket has the channel api from the API and agent from the app', () =>
  session(bob, async ({ sql }) => {
    await sql`select set_config('switchboard.channel', 'api', true)`
    expect(await sql`insert into tickets (team_id, subject, description) values (${acme.id}, 'x', 'x') returning channel`).toEqual([
      { channel: 'api' }
    ])
    await sql`select set_config('switchboard.channel', 'ui', true)`
    expect(await sql`insert into tickets (team_id, subject, description) values (${acme.id}, 'x', 'x') returning channel`).toEqual([
      { channel: 'agent' }
    ])
  }))

test('50 concurrent uses of a key spend 50 requests', async () => {
  const hash = digest()
  const id = randomUUID()
  await database().begin(sql => insertKey(sql, { id, hash }))
  try {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => database()<{ remaining: number }[]>`select remaining from private.use_api_key(${hash})`)
    )
    // 100 minus 50, plus the refill since then.
    expect(Math.min(...answers.map(([row]) => row!.remaining))).toBeGreaterThanOrEqual(50)
    expect(Math.min(...answers.map(([row]) => row!.remaining))).toBeLessThan(60)
  } finally {
    await database()`delete from public.api_keys where id = ${id}`
  }
})

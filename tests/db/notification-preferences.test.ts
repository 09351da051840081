import { describe, expect, test } from 'vitest'
import { notificationKinds } from '#shared/notification'
import { as, service, session, type Session } from '../support/as.ts'
import { describeRights, everybody } from '../support/matrix.ts'
import { acme, bob, initech, vera } from '../support/world.ts'

const save = (sql: Session['sql'], who: string, kind = 'assigned', team: string = acme.id) =>
  sql`insert into notification_preferences (team_id, user_id, kind, mail) values (${team}, ${who}, ${kind}, false) returning *`
const saveBobs = (sql: Session['sql']) => save(sql, bob.id)

describeRights('public.notification_preferences', [
  {
    does: "reads Bob's preferences",
    by: ['a member'],
    prepare: saveBobs,
    run: sql => sql`select * from notification_preferences where user_id = ${bob.id}`
  },
  {
    does: "changes Bob's preferences",
    by: ['a member'],
    prepare: saveBobs,
    run: sql => sql`update notification_preferences set in_app = false, mail = true where user_id = ${bob.id} returning kind`
  },
  { does: 'saves a preference', by: everybody, prepare: saveBobs, run: (sql, { id }) => save(sql, id, 'replied') },
  { does: "saves a preference in Vera's name", by: ['a viewer'], prepare: saveBobs, run: sql => save(sql, vera.id) },
  {
    does: 'saves a preference in Initech',
    by: ['an owner of another team', 'a member of another team'],
    prepare: saveBobs,
    run: (sql, { id }) => save(sql, id, 'replied', initech.id)
  },
  ...Object.entries({ user_id: vera.id, team_id: initech.id, kind: 'replied' }).map(([column, value]) => ({
    does: `writes ${column} of a preference`,
    by: [],
    prepare: saveBobs,
    run: (sql: Session['sql']) =>
      sql`update notification_preferences set ${sql({ [column]: value })} where user_id = ${bob.id} returning kind`
  })),
  {
    does: 'deletes a preference',
    by: [],
    prepare: saveBobs,
    run: sql => sql`delete from notification_preferences where user_id = ${bob.id} returning kind`
  }
])

describe('notification preferences', () => {
  test('notifications and preferences allow exactly the kinds of shared/notification.ts', async () => {
    for (const table of ['notifications', 'notification_preferences']) {
      const [{ definition } = { definition: '' }] = await as(
        service,
        sql => sql<{ definition: string }[]>`
        select pg_get_constraintdef(oid) as definition from pg_constraint
        where conrelid = ${`public.${table}`}::regclass and conname = ${`${table}_kind_check`}`
      )
      expect([...definition.matchAll(/'(\w+)'/g)].map(([, kind]) => kind).sort(), table).toEqual([...notificationKinds].sort())
    }
  })

  test('preferences are deleted with the membership', () =>
    session(service, async ({ sql }) => {
      await saveBobs(sql)
      await sql`delete from team_members where team_id = ${acme.id} and user_id = ${bob.id}`
      expect(await sql`select * from notification_preferences`).toEqual([])
    }))
})

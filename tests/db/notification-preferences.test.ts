import { describe, expect, test } from 'vitest'
import { notificationKinds } from '#shared/notification'
import { as, service, session, type Session } from '../support/as.ts'
import { acme, bob } from '../support/world.ts'

const save = (sql: Session['sql'], who: string, kind = 'assigned', team: string = acme.id) =>
  sql`insert into notification_preferences (team_id, user_id, kind, mail) values (${team}, ${who}, ${kind}, false) returning *`
const saveBobs = (sql: Session['sql']) => save(sql, bob.id)

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

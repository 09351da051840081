import { expect, test } from 'vitest'
import { as, service } from '../support/as.ts'
import { describeRights, managers } from '../support/matrix.ts'
import { acme } from '../support/world.ts'

describeRights('public.webhook_attempts', [
  { does: 'reads attempts', by: managers, run: sql => sql`select * from webhook_attempts where delivery_id = ${acme.delivery}` },
  {
    does: 'adds an attempt',
    by: [],
    run: sql => sql`
      insert into webhook_attempts (team_id, delivery_id, number, started_at, duration_ms)
      values (${acme.id}, ${acme.delivery}, 2, now(), 1) returning number`
  },
  {
    does: 'changes an attempt',
    by: [],
    run: sql => sql`update webhook_attempts set response = 'Fine' where delivery_id = ${acme.delivery} returning number`
  },
  {
    does: 'deletes an attempt',
    by: [],
    run: sql => sql`delete from webhook_attempts where delivery_id = ${acme.delivery} returning number`
  }
])

test('the stored response of a webhook attempt has at most 4,096 bytes', async () => {
  await expect(
    as(service, sql => sql`update webhook_attempts set response = ${'é'.repeat(2_049)} where delivery_id = ${acme.delivery}`)
  ).rejects.toMatchObject({ code: '23514' })
})

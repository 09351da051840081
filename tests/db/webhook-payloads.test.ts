import { expect, test } from 'vitest'
import { session } from '../support/as.ts'
import { describeRights, managers } from '../support/matrix.ts'
import { acme, initech, ivan } from '../support/world.ts'

describeRights('public.webhook_payloads', [
  { does: 'reads payloads', by: managers, run: sql => sql`select * from webhook_payloads where team_id = ${acme.id}` },
  { does: 'changes a payload', by: [], run: sql => sql`update webhook_payloads set data = '{}' where team_id = ${acme.id} returning id` },
  {
    does: 'adds a payload',
    by: [],
    run: sql => sql`insert into webhook_payloads (team_id, type, data) values (${acme.id}, 'ping', '{}') returning id`
  },
  { does: 'deletes a payload', by: [], run: sql => sql`delete from webhook_payloads where team_id = ${acme.id} returning id` }
])

test("an owner cannot read another team's payload through their own delivery", () =>
  session(ivan, async ({ sql }) => {
    expect(
      await sql`
        select private.webhook_body(${initech.delivery}, payload) from webhook_payloads as payload where payload.team_id = ${acme.id}`
    ).toHaveLength(0)
    expect(await sql`select from webhook_payloads where team_id = ${initech.id}`).not.toHaveLength(0)
  }))

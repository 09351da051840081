import { expect, test } from 'vitest'
import { session } from '../support/as.ts'
import { acme, initech, ivan } from '../support/world.ts'

test("an owner cannot read another team's payload through their own delivery", () =>
  session(ivan, async ({ sql }) => {
    expect(
      await sql`
        select private.webhook_body(${initech.delivery}, payload) from webhook_payloads as payload where payload.team_id = ${acme.id}`
    ).toHaveLength(0)
    expect(await sql`select from webhook_payloads where team_id = ${initech.id}`).not.toHaveLength(0)
  }))

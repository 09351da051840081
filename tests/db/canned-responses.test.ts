import { describe, expect, test } from 'vitest'
import { service, session } from '../support/as.ts'
import { acme, ann, initech } from '../support/world.ts'

describe('canned responses', () => {
  test('an owner of two teams cannot move a canned response to the other team', () =>
    session(service, async ({ sql, become, refusal }) => {
      await sql`insert into team_members (team_id, user_id, role) values (${initech.id}, ${ann.id}, 'owner')`
      await become(ann)
      expect((await refusal(sql => sql`update canned_responses set team_id = ${initech.id} where id = ${acme.cannedResponse}`)).code).toBe(
        '42501'
      )
    }))

  test('updating a canned response sets updated_at', () =>
    session(service, async ({ sql, as }) => {
      await sql`alter table canned_responses disable trigger canned_responses__set_updated_at`
      await sql`update canned_responses set updated_at = '2026-01-01'`
      await sql`alter table canned_responses enable trigger canned_responses__set_updated_at`
      const [changed] = await as(
        ann,
        sql =>
          sql`update canned_responses set title = 'Other' where id = ${acme.cannedResponse} returning updated_at > '2026-02-01' as dated`
      )
      expect(changed).toEqual({ dated: true })
    }))
})

import { describe, expect, test } from 'vitest'
import { as, service, session, type Session } from '../support/as.ts'
import { acme, adam, initech } from '../support/world.ts'

describe('the domains of an organization', () => {
  test('a public mail provider is nobody’s domain, and a domain belongs to one organization of a team', () =>
    session(adam, async ({ sql, refusal }) => {
      const add = (domain: string) => (sql: Session['sql']) =>
        sql`insert into organization_domains (team_id, domain, organization_id) values (${acme.id}, ${domain}, ${acme.organization})`
      expect(await refusal(add('gmail.com'))).toMatchObject({ code: 'PT422', detail: 'mail_provider' })
      expect((await refusal(add('client.test'))).code).toBe('23505')
      expect((await refusal(add('not a domain'))).code).toBe('23514')
      await add('corp.test')(sql)
    }))

  test('an organization of another team may list the same domain', () =>
    as(service, async sql => {
      expect(
        await sql`select count(*)::int from organization_domains where domain = 'client.test' and team_id in (${acme.id}, ${initech.id})`
      ).toEqual([{ count: 2 }])
    }))
})

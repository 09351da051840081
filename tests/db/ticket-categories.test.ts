import { describe, expect, test } from 'vitest'
import { session } from '../support/as.ts'
import { describeRights, everybody, managers } from '../support/matrix.ts'
import { acme, ann, initech } from '../support/world.ts'

describeRights('public.ticket_categories', [
  { does: 'reads categories', by: everybody, run: sql => sql`select * from ticket_categories where team_id = ${acme.id}` },
  { does: 'adds a category', by: managers, run: sql => sql`insert into ticket_categories (team_id, key, name) values (${acme.id}, 'hardware', 'Hardware') returning id` },
  { does: 'renames a category', by: managers, run: sql => sql`update ticket_categories set name = 'Defect', portal_name = 'Defect', position = 9 where team_id = ${acme.id} and key = 'bug' returning id` },
  { does: 'changes the key of a category', by: [], run: sql => sql`update ticket_categories set key = 'defect' where team_id = ${acme.id} and key = 'bug' returning id` },
  { does: 'moves a category to another team', by: [], run: sql => sql`update ticket_categories set team_id = ${initech.id} where team_id = ${acme.id} and key = 'bug' returning id` },
  { does: 'gives a category its id', by: [], run: sql => sql`insert into ticket_categories (id, team_id, key, name) values (gen_random_uuid(), ${acme.id}, 'hardware', 'Hardware') returning id` },
  { does: 'deletes a category', by: [], run: sql => sql`delete from ticket_categories where team_id = ${acme.id} and key = 'question' returning id` }
])

describe('ticket categories', () => {
  test('a key is once in a team, and a word', () => session(ann, async ({ refusal }) => {
    expect((await refusal(sql => sql`insert into ticket_categories (team_id, key, name) values (${acme.id}, 'bug', 'Again')`)).code).toBe('23505')
    for (const key of ['', 'Bug', 'a b', '1st', 'a-b', 'x'.repeat(51)]) {
      expect((await refusal(sql => sql`insert into ticket_categories (team_id, key, name) values (${acme.id}, ${key}, 'x')`)).code, key).toBe('23514')
    }
  }))
})

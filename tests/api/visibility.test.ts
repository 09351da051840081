import { expect, test } from 'vitest'
import type { SearchResults, TicketRow } from '#shared/types/api'
import { api, database, newTeam } from '../support/api.ts'
import { callers } from '../support/authorization/principals.ts'
import { createRandom } from '../support/random.ts'
import { ann, bob, dan, ivan, unknownId, vera } from '../support/world.ts'

// Lists, single tickets and searches ask for permissions on their own. For random callers and tickets they must agree.
test('a caller reads by id the tickets of their list, and finds no others: random callers, teams and tickets', async () => {
  const seed = Date.now() % 1_000_000
  const random = createRandom(seed)
  const teams = [await newTeam(), await newTeam()] as const
  // Ann and Adam are in both teams, the others in one.
  await database()`delete from public.team_members where team_id = ${teams[1].id} and user_id in ${database()([bob.id, vera.id])}`
  await database()`insert into public.team_members ${database()([
    { team_id: teams[1].id, user_id: ivan.id, role: 'owner' },
    { team_id: teams[1].id, user_id: dan.id, role: 'viewer' }
  ])}`
  const tickets: string[] = [unknownId]
  for (const { id: team_id } of [...teams, ...teams]) {
    const [ticket] = await database()<[{ id: string }]>`
      insert into public.tickets ${database()({ team_id, subject: 'A needle', description: 'x', created_by: ann.id })} returning id`
    tickets.push(ticket.id)
  }
  for (const { tickets: known } of teams) tickets.push(...Object.values(known))

  for (const [principal, caller] of Object.entries(callers)) {
    const person = typeof caller === 'object' ? caller : null
    for (const { id } of teams) {
      const label = `seed ${seed}: ${principal}`
      const list = await api<TicketRow[]>(person, 'GET', `/teams/${id}/tickets`)
      const listed = new Set(list.status === 200 ? list.body.map(ticket => ticket.id) : [])
      const search = await api<SearchResults>(person, 'GET', `/teams/${id}/search?q=needle`)
      expect(search.status, label).toBe(list.status)
      const needles = list.status === 200 ? list.body.filter(({ subject }) => subject === 'A needle').map(ticket => ticket.id) : []
      expect(search.status === 200 ? search.body.tickets.map(ticket => ticket.id).sort() : [], label).toEqual(needles.sort())
      const some = Array.from({ length: 6 }, () => tickets[random(tickets.length)]!)
      const answers = await Promise.all(some.map(ticket => api(person, 'GET', `/teams/${id}/tickets/${ticket}`)))
      expect(
        answers.map(({ status }) => status),
        `${label}, ${some.join(' ')}`
      ).toEqual(some.map(ticket => (listed.has(ticket) ? 200 : person ? 404 : 401)))
    }
  }
})

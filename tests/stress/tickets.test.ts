import { expect, test } from 'vitest'
import { api, database, newTeam } from '../support/api.ts'
import { adam, ann, bob } from '../support/world.ts'

test('1,000 tickets, created 50 at a time, all succeed and are numbered without a gap', async () => {
  const team = await newTeam()
  const total = 1_000
  const statuses: number[] = []
  let started = 0
  const worker = async () => {
    while (started < total) {
      const number = ++started
      const person = [ann, adam, bob][number % 3]!
      statuses.push(
        (await api(person, 'POST', `/teams/${team.id}/tickets`, { subject: `Ticket ${number}`, description: 'Written for this test.' }))
          .status
      )
    }
  }
  await Promise.all(Array.from({ length: 50 }, worker))
  expect(statuses.filter(status => status !== 201)).toEqual([])
  const rows = await database()<{ ticket_number: number }[]>`select ticket_number from public.tickets where team_id = ${team.id} order by 1`
  expect(rows.map(({ ticket_number }) => ticket_number)).toEqual(Array.from({ length: total + 4 }, (_, index) => index + 1))
}, 60_000)

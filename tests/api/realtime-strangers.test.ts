import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { afterEach, expect, test } from 'vitest'
import { api, database, newTeam, signIn } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { bob, initech, ivan, type Person } from '../support/world.ts'

interface RowChange {
  table: string
  eventType: string
  new: Record<string, unknown>
  old: Record<string, unknown>
  errors: string[] | null
}

const clients: SupabaseClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.realtime.disconnect()
})

/** The current channel of a person: sessions that ended in other tests have raised its epoch. */
async function topicOf({ id }: Person): Promise<string> {
  const [{ topic }] = await database()<
    [{ topic: string }]
  >`select private.person_topic(${id}, (select epoch from private.person_channels where user_id = ${id})) as topic`
  return topic
}

/** Collects the postgres_changes that a person receives. Public channels are refused, so it joins the person's own channel. */
async function collectChanges(person: Person | null, filter?: string): Promise<RowChange[]> {
  const { supabaseUrl, publishableKey } = product()
  const token = person && (await signIn(person))
  const client = createClient(
    supabaseUrl,
    publishableKey,
    token ? { accessToken: () => Promise.resolve(token) } : { auth: { persistSession: false } }
  )
  clients.push(client)
  if (token) await client.realtime.setAuth()
  const changes: RowChange[] = []
  const channel = client.channel(person ? await topicOf(person) : 'anything', { config: { private: person !== null } })
  for (const table of ['tickets', 'ticket_replies', 'ticket_tags'])
    channel.on('postgres_changes', { event: '*', schema: 'public', table, ...(filter && { filter }) }, change =>
      changes.push(change as unknown as RowChange)
    )
  await new Promise<void>((resolve, reject) =>
    channel
      .on('system', {}, ({ status, message }: { status: string; message: string }) =>
        status === 'ok' ? resolve() : reject(new Error(message))
      )
      .subscribe((status, error) => status === 'CHANNEL_ERROR' && reject(error ?? new Error(status)))
  )
  return changes
}

test('members of a team receive its postgres_changes, and people of another team receive none', async () => {
  const team = await newTeam()
  await expect(collectChanges(null)).rejects.toThrow(/PrivateOnly/)
  const stranger = await collectChanges(ivan)
  const filtering = await collectChanges(ivan, `team_id=eq.${team.id}`)
  const member = await collectChanges(bob, `team_id=eq.${team.id}`)

  const {
    body: { id }
  } = await api<{ id: string }>(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'Secret', description: 'Secret', tags: ['secret'] })
  await api(bob, 'POST', `/teams/${team.id}/tickets/${id}/replies`, { content: 'Secret' })
  // Realtime checks the policies when it sends a change, so the row must still exist.
  await expect.poll(() => member.some(({ table }) => table === 'ticket_replies'), { timeout: 15_000 }).toBe(true)
  await api(bob, 'PATCH', `/teams/${team.id}/tickets/${id}`, { subject: 'Secret still', tags: [] })
  await database()`delete from public.tickets where id = ${id}`
  await api(bob, 'PATCH', `/teams/${team.id}/tickets/${team.tickets.bobs}`, { subject: 'The last' })
  await expect.poll(() => member.some(({ new: row }) => row.subject === 'The last'), { timeout: 15_000 }).toBe(true)
  // A change that Ivan may receive, after all the others.
  await database()`update public.tickets set subject = 'For Ivan' where id = ${initech.tickets.dans}`
  await expect.poll(() => stranger.length, { timeout: 15_000 }).toBeGreaterThan(0)

  expect(member.map(({ table, eventType }) => `${eventType} ${table}`)).toEqual(
    expect.arrayContaining(['INSERT tickets', 'INSERT ticket_tags', 'INSERT ticket_replies', 'UPDATE tickets'])
  )
  expect(member.filter(({ eventType }) => eventType === 'DELETE')).toEqual([])
  for (const { new: row } of member) expect(Object.keys(row)).not.toContain('search')
  expect(stranger.map(({ new: row }) => row.team_id)).toEqual([initech.id])
  expect(filtering).toEqual([])
})

import type { TransactionSql } from 'postgres'
import { acme, bob } from '../world.ts'
import { everybody } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

/** Leaves one message: other files leave thousands, and each test of a right compares the whole table. */
async function keepOneMessage(sql: TransactionSql) {
  await sql`delete from realtime.messages`
  await sql`select realtime.send('{}', 'x', 'x', true)`
}

export const channels: AuthorizationRow[] = [
  {
    does: 'sends a message with realtime.send()',
    by: [],
    sql: {
      table: 'realtime.messages',
      prepare: keepOneMessage,
      run: async sql => {
        await sql`select realtime.send('{}', 'change', 'team:x', true)` // like hosted Supabase, it warns without the right and writes nothing
        return []
      }
    }
  },
  {
    does: 'deletes messages',
    by: [],
    sql: { table: 'realtime.messages', prepare: keepOneMessage, run: sql => sql`delete from realtime.messages returning id` }
  },
  {
    does: 'rewrites messages',
    by: [],
    sql: { table: 'realtime.messages', prepare: keepOneMessage, run: sql => sql`update realtime.messages set payload = '{}' returning id` }
  },
  {
    does: 'reads the name of the channel of the team',
    by: everybody,
    key: 'read',
    sql: {
      calls: ['my_team_topics', 'team_topic'],
      run: sql => sql`select topic from private.my_team_topics() as topic where topic like ${`team:${acme.id}:%`}`
    }
  },
  {
    does: 'reads the name of the own channel of Bob',
    by: ['a member'],
    key: 'read',
    sql: { calls: 'my_topic', run: sql => sql`select topic from private.my_topic() as topic where topic like ${`user:${bob.id}:%`}` }
  },
  {
    does: 'receives what is broadcast to the team',
    by: everybody,
    topic: { channel: 'team_topic', extension: 'broadcast', action: 'receive' }
  },
  { does: 'sees who of the team is present', by: everybody, topic: { channel: 'team_topic', extension: 'presence', action: 'receive' } },
  { does: 'shows the team that they are present', by: everybody, topic: { channel: 'team_topic', extension: 'presence', action: 'send' } },
  { does: 'broadcasts to the team', by: [], topic: { channel: 'team_topic', extension: 'broadcast', action: 'send' } },
  {
    does: 'receives what is broadcast to Bob',
    by: ['a member'],
    topic: { channel: 'person_topic', extension: 'broadcast', action: 'receive' }
  },
  {
    does: 'sees who is present on the channel of Bob',
    by: [],
    topic: { channel: 'person_topic', extension: 'presence', action: 'receive' }
  },
  { does: 'shows presence on the channel of Bob', by: [], topic: { channel: 'person_topic', extension: 'presence', action: 'send' } },
  { does: 'broadcasts to Bob', by: [], topic: { channel: 'person_topic', extension: 'broadcast', action: 'send' } }
]

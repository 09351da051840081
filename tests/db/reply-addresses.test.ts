import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { anonymous, service, session, type Session } from '../support/as.ts'
import { describeRights, managers } from '../support/matrix.ts'
import { acme, adam, ann, initech, ivan } from '../support/world.ts'

const hash = () => createHash('sha256').update(randomBytes(32)).digest()

describeRights('public.teams', [
  {
    does: 'asks for a reply address',
    by: managers,
    run: sql => sql`select private.request_reply_address(${acme.id}, 'help@mail.test', ${hash()}) is not null as asked`
  },
  {
    does: 'records that the mail to a reply address was sent',
    by: managers,
    run: sql => sql`select private.record_reply_address_mail(${acme.id}, ${hash()}) is not null as recorded`
  },
  { does: 'sees the reply address', by: managers, run: sql => sql`select * from private.reply_address(${acme.id})` },
  {
    does: 'ends the use of the reply address',
    by: managers,
    run: sql => sql`select private.clear_reply_address(${acme.id}) is not null as cleared`
  },
  {
    does: 'writes a reply address that nobody proved',
    by: [],
    run: sql => sql`update teams set reply_to_email = 'victim@mail.test' where id = ${acme.id} returning id`
  },
  { does: 'reads the tokens of reply addresses', by: [], run: sql => sql`select * from private.reply_address_requests` },
  { does: 'proves a reply address as a member', by: [], run: sql => sql`select * from private.confirm_reply_address(${hash()})` }
])

type Sql = Session['sql']
const ask =
  (token: Buffer, email = 'help@mail.test', team: string = acme.id) =>
  (sql: Sql) =>
    sql`select private.request_reply_address(${team}, ${email}, ${token}) as is_new`
const look = (token: Buffer) => (sql: Sql) => sql`select * from private.reply_address_preview(${token})`
const agree = (token: Buffer) => (sql: Sql) => sql`select * from private.confirm_reply_address(${token})`
const inUse = async (sql: Sql, team: string = acme.id) =>
  (await sql<[{ reply_to_email: string | null }]>`select reply_to_email from teams where id = ${team}`)[0].reply_to_email

describe('a reply address', () => {
  test('is used once whoever reads its mailbox agreed, and is in the log as the change of who asked', () =>
    session(service, async ({ sql, as, refusal }) => {
      const token = hash()
      await as(adam, ask(token))
      expect(await inUse(sql)).toBeNull()
      expect(await as(ann, sql => sql`select email, pending_email from private.reply_address(${acme.id})`)).toEqual([
        { email: null, pending_email: 'help@mail.test' }
      ])
      expect(await as(anonymous, look(token))).toEqual([{ team_name: 'Acme', email: 'help@mail.test' }])
      expect(await inUse(sql)).toBeNull()
      expect(await as(anonymous, agree(token))).toEqual([{ team_name: 'Acme', email: 'help@mail.test' }])
      expect(await inUse(sql)).toBe('help@mail.test')
      expect((await as(anonymous, () => refusal(agree(token)))).code).toBe('PT404')
      expect(
        await sql`select actor_id, "to" from ticket_events where team_id = ${acme.id} and type = 'team.updated' order by id desc limit 1`
      ).toEqual([{ actor_id: adam.id, to: { reply_to_email: 'help@mail.test' } }])
    }))

  test('is mailed once where the same is asked again within ten minutes, and again where its mail was not sent', () =>
    session(service, async ({ sql, as }) => {
      const [first, second, third] = [hash(), hash(), hash()]
      const asked = async (token: Buffer, email?: string) =>
        ((await as(ann, ask(token, email))) as unknown as [{ is_new: boolean }])[0].is_new
      const mails = async () => (await sql`select from private.stranger_mails where team_id = ${acme.id}`).length
      const before = await mails()
      expect(await asked(first)).toBe(true)
      expect(await asked(second)).toBe(true)
      expect(await as(anonymous, look(first))).toEqual([])
      await as(ann, sql => sql`select private.record_reply_address_mail(${acme.id}, ${first})`)
      expect(await asked(second)).toBe(true)
      await as(ann, sql => sql`select private.record_reply_address_mail(${acme.id}, ${second})`)
      const counted = await mails()
      expect(counted).toBe(before + 3)
      expect(await asked(third)).toBe(false)
      expect(await mails()).toBe(counted)
      expect(await as(anonymous, look(second))).toHaveLength(1)
      expect(await asked(third, 'other@mail.test')).toBe(true)
      expect(await as(anonymous, look(second))).toEqual([])
      await as(ann, sql => sql`select private.record_reply_address_mail(${acme.id}, ${third})`)
      await sql`update private.reply_address_requests set mailed_at = mailed_at - interval '10 minutes' where team_id = ${acme.id}`
      expect(await asked(hash(), 'other@mail.test')).toBe(true)
    }))

  test('stays while another waits for its proof, and a later request ends the one before', () =>
    session(service, async ({ sql, as, refusal }) => {
      await sql`update teams set reply_to_email = 'old@mail.test' where id = ${acme.id}`
      const [first, second] = [hash(), hash()]
      await as(ann, ask(first))
      await as(ann, ask(second, 'other@mail.test'))
      expect((await as(anonymous, () => refusal(agree(first)))).code).toBe('PT404')
      expect(await inUse(sql)).toBe('old@mail.test')
      await as(ann, sql => sql`select private.clear_reply_address(${acme.id})`)
      expect(await inUse(sql)).toBeNull()
      expect((await as(anonymous, () => refusal(agree(second)))).code).toBe('PT404')
    }))

  test.each([
    ['it is 72 hours old', (sql: Sql) => sql`update private.reply_address_requests set expires_at = now()`],
    [
      'who asked may not any more',
      (sql: Sql) => sql`update team_members set role = 'member' where team_id = ${acme.id} and user_id = ${adam.id}`
    ],
    ['who asked has left', (sql: Sql) => sql`delete from team_members where team_id = ${acme.id} and user_id = ${adam.id}`]
  ] as const)('is not proven when %s', (_, change) =>
    session(service, async ({ sql, as, refusal }) => {
      const token = hash()
      await as(adam, ask(token))
      await change(sql)
      expect((await as(anonymous, () => refusal(agree(token)))).code).toBe('PT404')
      expect(await inUse(sql)).toBeNull()
    })
  )

  test('is asked for within the budget of invitations, and by its own team alone', () =>
    session(service, async ({ as, refusal }) => {
      for (let time = 0; time < 3; time++) await as(ann, ask(hash(), 'victim@mail.test'))
      expect(await as(ann, () => refusal(ask(hash(), 'vic.tim+1@mail.test')))).toMatchObject({ code: 'PT429', detail: 'mail_budget' })
      expect((await as(ivan, () => refusal(ask(hash())))).code).toBe('PT403')
      expect((await as(ivan, () => refusal(sql => sql`select * from private.reply_address(${acme.id})`))).code).toBe('PT403')
      await as(ivan, ask(hash(), 'help@initech.test', initech.id))
    }))
})

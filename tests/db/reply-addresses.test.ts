import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { anonymous, service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, initech, ivan } from '../support/world.ts'

const hash = () => createHash('sha256').update(randomBytes(32)).digest()

type Sql = Session['sql']
const request =
  (token: Buffer, email = 'help@mail.test', team: string = acme.id) =>
  (sql: Sql) =>
    sql`select private.request_reply_address(${team}, ${email}, ${token}) as is_new`
const preview = (token: Buffer) => (sql: Sql) => sql`select * from private.reply_address_preview(${token})`
const confirm = (token: Buffer) => (sql: Sql) => sql`select * from private.confirm_reply_address(${token})`
const readAddress = async (sql: Sql, team: string = acme.id) =>
  (await sql<[{ reply_to_email: string | null }]>`select reply_to_email from teams where id = ${team}`)[0].reply_to_email

describe('a reply address', () => {
  test('a reply address is used only after its mailbox confirms it, and the event names who requested it', () =>
    session(service, async ({ sql, as, refusal }) => {
      const token = hash()
      await as(adam, request(token))
      expect(await readAddress(sql)).toBeNull()
      expect(await as(ann, sql => sql`select email, pending_email from private.reply_address(${acme.id})`)).toEqual([
        { email: null, pending_email: 'help@mail.test' }
      ])
      expect(await as(anonymous, preview(token))).toEqual([{ team_name: 'Acme', email: 'help@mail.test' }])
      expect(await readAddress(sql)).toBeNull()
      expect(await as(anonymous, confirm(token))).toEqual([{ team_name: 'Acme', email: 'help@mail.test' }])
      expect(await readAddress(sql)).toBe('help@mail.test')
      expect((await as(anonymous, () => refusal(confirm(token)))).code).toBe('PT404')
      expect(
        await sql`select actor_id, "to" from ticket_events where team_id = ${acme.id} and type = 'team.updated' order by id desc limit 1`
      ).toEqual([{ actor_id: adam.id, to: { reply_to_email: 'help@mail.test' } }])
    }))

  test('a request repeated within 10 minutes needs no second mail, unless the first one was not sent', () =>
    session(service, async ({ sql, as }) => {
      const [first, second, third] = [hash(), hash(), hash()]
      const requestAsAnn = async (token: Buffer, email?: string) =>
        ((await as(ann, request(token, email))) as unknown as [{ is_new: boolean }])[0].is_new
      const countMails = async () => (await sql`select from private.stranger_mails where team_id = ${acme.id}`).length
      const before = await countMails()
      expect(await requestAsAnn(first)).toBe(true)
      expect(await requestAsAnn(second)).toBe(true)
      expect(await as(anonymous, preview(first))).toEqual([])
      await as(ann, sql => sql`select private.record_reply_address_mail(${acme.id}, ${first})`)
      expect(await requestAsAnn(second)).toBe(true)
      await as(ann, sql => sql`select private.record_reply_address_mail(${acme.id}, ${second})`)
      const count = await countMails()
      expect(count).toBe(before + 3)
      expect(await requestAsAnn(third)).toBe(false)
      expect(await countMails()).toBe(count)
      expect(await as(anonymous, preview(second))).toHaveLength(1)
      expect(await requestAsAnn(third, 'other@mail.test')).toBe(true)
      expect(await as(anonymous, preview(second))).toEqual([])
      await as(ann, sql => sql`select private.record_reply_address_mail(${acme.id}, ${third})`)
      await sql`update private.reply_address_requests set mailed_at = mailed_at - interval '10 minutes' where team_id = ${acme.id}`
      expect(await requestAsAnn(hash(), 'other@mail.test')).toBe(true)
    }))

  test('the reply address stays until another is confirmed, and a newer request replaces an older one', () =>
    session(service, async ({ sql, as, refusal }) => {
      await sql`update teams set reply_to_email = 'old@mail.test' where id = ${acme.id}`
      const [first, second] = [hash(), hash()]
      await as(ann, request(first))
      await as(ann, request(second, 'other@mail.test'))
      expect((await as(anonymous, () => refusal(confirm(first)))).code).toBe('PT404')
      expect(await readAddress(sql)).toBe('old@mail.test')
      await as(ann, sql => sql`select private.clear_reply_address(${acme.id})`)
      expect(await readAddress(sql)).toBeNull()
      expect((await as(anonymous, () => refusal(confirm(second)))).code).toBe('PT404')
    }))

  test.each([
    ['the request has expired', (sql: Sql) => sql`update private.reply_address_requests set expires_at = now()`],
    [
      'the member who requested it is no longer an admin',
      (sql: Sql) => sql`update team_members set role = 'member' where team_id = ${acme.id} and user_id = ${adam.id}`
    ],
    [
      'the member who requested it has left',
      (sql: Sql) => sql`delete from team_members where team_id = ${acme.id} and user_id = ${adam.id}`
    ]
  ] as const)('a reply address cannot be confirmed when %s', (_, change) =>
    session(service, async ({ sql, as, refusal }) => {
      const token = hash()
      await as(adam, request(token))
      await change(sql)
      expect((await as(anonymous, () => refusal(confirm(token)))).code).toBe('PT404')
      expect(await readAddress(sql)).toBeNull()
    })
  )

  test('a fourth request for one mailbox exceeds the mail budget, and members of another team can request none', () =>
    session(service, async ({ as, refusal }) => {
      for (let time = 0; time < 3; time++) await as(ann, request(hash(), 'victim@mail.test'))
      expect(await as(ann, () => refusal(request(hash(), 'vic.tim+1@mail.test')))).toMatchObject({ code: 'PT429', detail: 'mail_budget' })
      expect((await as(ivan, () => refusal(request(hash())))).code).toBe('PT403')
      expect((await as(ivan, () => refusal(sql => sql`select * from private.reply_address(${acme.id})`))).code).toBe('PT403')
      await as(ivan, request(hash(), 'help@initech.test', initech.id))
    }))
})

import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, bob, dan, initech, ivan, vera, type Person } from '../support/world.ts'

type Sql = Session['sql']

/** A team that was created `days` ago. */
async function newTeam(sql: Sql, { days = 0, owner = ann as Person, level = null as string | null } = {}): Promise<string> {
  const id = randomUUID()
  // Another address, so that mails of this person in other tests do not count.
  await sql`
    update profiles set email = ${`owner.${owner.id.slice(-2)}.budgets@mail.test`} where id = ${owner.id} and email = ${owner.email}`
  await sql`insert into teams ${sql({ id, name: 'PayPal: you won', slug: `t-${id.slice(0, 18)}`, mail_level: level })}`
  await sql`update teams set created_at = now() - make_interval(days => ${days}) where id = ${id}`
  await sql`insert into team_members ${sql({ team_id: id, user_id: owner.id, role: 'owner' })}`
  return id
}

const levelOf = async (sql: Sql, team: string) =>
  (await sql<[{ level: string; answers: number }]>`select level, answers from private.mail_limits(${team})`)[0]
const addAnswers = (sql: Sql, team: string, count: number) =>
  sql`select private.remember_mailbox(${team}, 'client' || number || '@mail.test') from generate_series(1, ${count}) as number`
const take = async (sql: Sql, team: string, address: string, { kind = 'client', sender = ann.id as string | null } = {}) =>
  (
    await sql<
      [{ frees_at: Date | null; reason: string | null }]
    >`select * from private.take_stranger_mail(${team}, ${kind}, ${address}, ${sender})`
  )[0]
/** Takes `count` mails from the budgets; returns how many of them were allowed. */
async function countAllowed(sql: Sql, count: number, one: (index: number) => Promise<{ frees_at: Date | null }>): Promise<number> {
  let taken = 0
  for (let index = 0; index < count; index++) if (!(await one(index)).frees_at) taken++
  return taken
}
const invite = (team: string, email: string) => (sql: Sql) =>
  sql`select private.save_invitation(${team}, ${email}, 'member', ${randomBytes(32)}) as id`

describe('the mail level of a team', () => {
  test.each([
    [0, 0, 'new'],
    [0, 50, 'new'],
    [6, 3, 'new'],
    [8, 2, 'new'],
    [8, 3, 'known'],
    [29, 50, 'known'],
    [31, 0, 'known'],
    [31, 10, 'established'],
    [91, 0, 'established']
  ])('a team of %i days with %i answers is %s', (days, answers, level) =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql, { days })
      await addAnswers(sql, team, answers)
      expect(await levelOf(sql, team)).toEqual({ level, answers })
    })
  )

  test('a team without an owner with a confirmed address stays new', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql, { days: 400 })
      await sql`update auth.users set email_confirmed_at = null where id = ${ann.id}`
      expect((await levelOf(sql, team)).level).toBe('new')
    }))

  test('answers from spellings of one mailbox count once', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql, { days: 31 })
      for (const address of ['ann@gmail.com', 'a.n.n@gmail.com', 'ANN+1@gmail.com', 'ann+2@googlemail.com'])
        await sql`select private.remember_mailbox(${team}, ${address})`
      expect((await levelOf(sql, team)).answers).toBe(1)
    }))

  test('the column mail_level overrides the computed level', () =>
    session(service, async ({ sql }) => {
      expect((await levelOf(sql, await newTeam(sql, { level: 'established' }))).level).toBe('established')
      expect((await levelOf(sql, await newTeam(sql, { days: 400, level: 'new' }))).level).toBe('new')
    }))

  test('an accepted invitation counts as an answer to that team alone', () =>
    session(service, async ({ sql, as }) => {
      const token = randomBytes(32)
      await as(ann, sql => sql`select private.save_invitation(${acme.id}, ${dan.email}, 'member', ${token})`)
      await as(dan, sql => sql`select private.accept_invitation(${token})`)
      expect((await levelOf(sql, acme.id)).answers).toBe(1)
      expect(
        await sql`
          select private.is_known_mailbox(${acme.id}, ${` ${dan.email.toUpperCase()} `}) as known,
          private.is_known_mailbox(${initech.id}, ${dan.email}) as elsewhere`
      ).toEqual([{ known: true, elsewhere: false }])
    }))
})

test('private.ticket_mails() lists neither mails of another team nor notices to members', () =>
  session(service, async ({ sql, as }) => {
    await sql`insert into mails ${sql([
      {
        team_id: initech.id,
        ticket_id: initech.tickets.dans,
        event_id: 1,
        kind: 'public_reply',
        recipient: 'client@mail.test',
        recipient_user_id: null
      },
      {
        team_id: acme.id,
        ticket_id: acme.tickets.bobs,
        event_id: 1,
        kind: 'member_notice',
        recipient: bob.email,
        recipient_user_id: bob.id
      }
    ])}`
    expect(await as(ann, sql => sql`select * from private.ticket_mails(${acme.id}, ${initech.tickets.dans})`)).toEqual([])
    // Notices to members would show their addresses.
    expect(await as(ann, sql => sql`select * from private.ticket_mails(${acme.id}, ${acme.tickets.bobs})`)).toEqual([])
  }))

describe('invitation budgets', () => {
  test('a new team may mail 10 invitations in 24 hours, and a refused invitation leaves no row', () =>
    session(service, async ({ sql, as, refusal }) => {
      const team = await newTeam(sql)
      for (let number = 0; number < 10; number++) await as(ann, invite(team, `i${number}@mail.test`))
      const refused = await as(ann, () => refusal(invite(team, 'i10@mail.test')))
      expect(refused).toMatchObject({
        code: 'PT429',
        detail: 'mail_budget',
        message: 'This team may mail 10 invitations in 24 hours; try again later'
      })
      expect(await sql`select email from team_invitations where team_id = ${team}`).toHaveLength(10)
      await sql`update private.stranger_mails set taken_at = taken_at - interval '24 hours' where team_id = ${team}`
      await as(ann, invite(team, 'i10@mail.test'))
    }))

  test('each answer adds two invitations to the budget of a new team', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql)
      await addAnswers(sql, team, 5)
      expect(await countAllowed(sql, 40, index => take(sql, team, `i${index}@mail.test`, { kind: 'invitation', sender: null }))).toBe(20)
    }))

  test('a mailbox gets 3 invitations to a team in 24 hours, in any spelling, even after a revocation', () =>
    session(service, async ({ sql, as, refusal }) => {
      const spellings = ['victim@mail.test', 'victim+1@mail.test', 'v.ictim@mail.test', 'vic.tim+x@mail.test']
      await as(ann, invite(acme.id, spellings[0]!))
      await as(adam, invite(acme.id, spellings[0]!))
      await sql`delete from team_invitations where team_id = ${acme.id}`
      await as(ann, invite(acme.id, spellings[1]!))
      for (const spelling of spellings) {
        expect(await as(adam, () => refusal(invite(acme.id, spelling)))).toMatchObject({
          code: 'PT429',
          message: 'A mailbox gets 3 invitations to a team in 24 hours; try again later'
        })
      }
    }))

  test('a mailbox that answered the team also gets 3 invitations in 24 hours', () =>
    session(service, async ({ sql, as, refusal }) => {
      await sql`select private.remember_mailbox(${acme.id}, 'client@mail.test')`
      for (let number = 0; number < 3; number++) {
        await as(ann, invite(acme.id, 'client@mail.test'))
        await sql`delete from team_invitations where team_id = ${acme.id}`
      }
      expect(await as(adam, () => refusal(invite(acme.id, 'client@mail.test')))).toMatchObject({
        code: 'PT429',
        message: 'A mailbox gets 3 invitations to a team in 24 hours; try again later'
      })
    }))

  test('deleting a team does not refill the budget of the mailbox', () =>
    session(service, async ({ sql }) => {
      let mails = 0
      for (let round = 0; round < 10; round++) {
        const team = await newTeam(sql)
        mails += await countAllowed(sql, 5, () => take(sql, team, 'victim@mail.test', { kind: 'invitation', sender: null }))
        await sql`delete from teams where id = ${team}`
      }
      expect(mails).toBe(12)
    }))

  test('one person may mail 15 invitations in 24 hours from all new teams, across accounts with spellings of one address', () =>
    session(service, async ({ sql }) => {
      await sql`update profiles set email = 'mallory@mail.test' where id = ${bob.id}`
      await sql`update profiles set email = 'mal.lory+2@mail.test' where id = ${vera.id}`
      let mails = 0
      for (let round = 0; round < 4; round++) {
        const team = await newTeam(sql)
        mails += await countAllowed(sql, 10, index =>
          take(sql, team, `p${round}.${index}@mail.test`, { kind: 'invitation', sender: round % 2 ? bob.id : vera.id })
        )
      }
      expect(mails).toBe(15)
      expect((await take(sql, await newTeam(sql), 'x@mail.test', { kind: 'invitation', sender: ivan.id })).frees_at).toBeNull()
    }))
})

describe('a refusal caused by mails of other teams', () => {
  /** Twelve mails from two other teams to the victim, the first `hours` ago; then the answer to a team that mailed nothing. */
  const answerAfter = (sql: Sql, hours: number, spread: number, kind: string) =>
    (async () => {
      await sql`delete from private.stranger_mails`
      for (let number = 0; number < 2; number++) {
        const other = await newTeam(sql, { owner: dan })
        for (let one = 0; one < 6; one++) await take(sql, other, 'victim@mail.test', { sender: null })
        await sql`
          update private.stranger_mails set taken_at = now() - make_interval(mins => ${hours * 60 - number * spread})
          where team_id = ${other}`
      }
      const team = await newTeam(sql)
      const [answer] = await sql<[{ seconds: number; reason: string }]>`
      select extract(epoch from frees_at - now())::float8 as seconds, reason
      from private.take_stranger_mail(${team}, ${kind}, 'victim@mail.test', null)`
      return answer
    })()

  test.each([
    ['client', 'This address has not answered the team yet'],
    ['invitation', 'This mail cannot be sent now']
  ])('the refusal of a mail of kind %s has the same reason and time whenever the other teams sent theirs', (kind, reason) =>
    session(service, async ({ sql }) => {
      for (const [hours, spread] of [
        [23, 0],
        [23, 600],
        [2, 30]
      ] as const)
        expect(await answerAfter(sql, hours, spread, kind)).toEqual({ seconds: 3 * 3600, reason })
    })
  )

  test('a refusal caused by the budget of the person looks like one caused by the budget of the mailbox', () =>
    session(service, async ({ sql }) => {
      for (let round = 0; round < 2; round++) {
        const team = await newTeam(sql)
        await countAllowed(sql, 30, index => take(sql, team, `r${round}.${index}@mail.test`))
      }
      const refused = await take(sql, await newTeam(sql), 'new@mail.test')
      expect(refused.reason).toBe('This address has not answered the team yet')
      expect(await sql`select now() + interval '3 hours' as at`).toEqual([{ at: refused.frees_at }])
    }))

  test('a team whose own budget is empty, too, gets the reason and time of its own budget', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql)
      await countAllowed(sql, 6, () => take(sql, team, 'victim@mail.test', { sender: null }))
      await sql`update private.stranger_mails set taken_at = now() - interval '5 hours' where team_id = ${team}`
      const other = await newTeam(sql, { owner: dan })
      await countAllowed(sql, 6, () => take(sql, other, 'victim@mail.test', { sender: null }))
      const refused = await take(sql, team, 'victim@mail.test', { sender: null })
      expect(refused.reason).toBe('A mailbox that has not answered this team gets 6 of its mails in 24 hours')
      expect(await sql`select now() + interval '19 hours' as at`).toEqual([{ at: refused.frees_at }])
    }))
})

describe('mail budgets for clients who have not answered', () => {
  test('a new team may send 30 mails in 24 hours to strangers, and 6 to one mailbox', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql)
      expect(await countAllowed(sql, 12, () => take(sql, team, 'client@mail.test', { sender: null }))).toBe(6)
      expect(await take(sql, team, 'client+1@mail.test', { sender: null })).toMatchObject({
        reason: 'A mailbox that has not answered this team gets 6 of its mails in 24 hours'
      })
      expect(await countAllowed(sql, 40, index => take(sql, team, `c${index}@mail.test`, { sender: null }))).toBe(24)
      expect((await take(sql, team, 'other@mail.test', { sender: null })).reason).toBe(
        'This team may send 30 mails in 24 hours to people who have not answered it'
      )
    }))

  test('a mailbox gets 12 mails in 24 hours from all new teams and all their people together', () =>
    session(service, async ({ sql }) => {
      let mails = 0
      for (const [index, sender] of [ann, bob, vera, ivan, dan].entries()) {
        const team = await newTeam(sql)
        mails += await countAllowed(sql, 6, () =>
          take(sql, team, index % 2 ? 'victim@mail.test' : 'VIC.TIM+1@mail.test', {
            sender: sender.id,
            kind: index === 0 ? 'invitation' : 'client'
          })
        )
      }
      expect(mails).toBe(12)
    }))

  test('one team gets at most half of the 12 mails to a mailbox, invitations included', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql)
      const own =
        (await countAllowed(sql, 5, () => take(sql, team, 'client@mail.test', { kind: 'invitation', sender: null }))) +
        (await countAllowed(sql, 8, () => take(sql, team, 'client@mail.test', { sender: null })))
      expect(own).toBe(6)
      expect((await take(sql, team, 'client@mail.test', { kind: 'invitation', sender: null })).reason).toBe(
        'A mailbox gets 3 invitations to a team in 24 hours'
      )
      expect((await take(sql, team, 'client@mail.test', { sender: null })).reason).toBe(
        'A mailbox that has not answered this team gets 6 of its mails in 24 hours'
      )
      expect(
        await countAllowed(sql, 8, async () => take(sql, await newTeam(sql, { owner: dan }), 'client@mail.test', { sender: null }))
      ).toBe(6)
    }))

  test('one person may send 6 mails in 24 hours to a mailbox from all their new teams', () =>
    session(service, async ({ sql }) => {
      let mails = 0
      for (let round = 0; round < 4; round++) {
        const team = await newTeam(sql)
        mails += await countAllowed(sql, 4, () => take(sql, team, 'client@mail.test'))
      }
      expect(mails).toBe(6)
      expect(
        await countAllowed(sql, 8, async () => take(sql, await newTeam(sql, { owner: dan }), 'client@mail.test', { sender: dan.id }))
      ).toBe(6)
    }))

  test.each([
    [
      'help@bücher.example',
      'help@xn--bcher-kva.example',
      'HELP@BÜCHER.EXAMPLE',
      'help@XN--BCHER-KVA.example',
      'he.lp+1@bu\u0308cher。example'
    ],
    ['a@例え.テスト', 'a@xn--r8jz45g.xn--zckzah'],
    ['a@straße.example', 'a@xn--strae-oqa.example'],
    ['a@почта.рф', 'a@xn--80a1acny.xn--p1ai'],
    ['a@😀.example', 'a@xn--e28h.example']
  ])('%s and its other spellings are one mailbox', (...spellings) =>
    session(service, async ({ sql }) => {
      const hashes = await sql<
        { mailbox: string }[]
      >`select distinct private.mailbox_hash(spelling)::text as mailbox from unnest(${spellings}::text[]) as spelling`
      expect(hashes).toHaveLength(1)
      await sql`select private.remember_mailbox(${acme.id}, ${spellings[0]!})`
      expect(await sql`select private.is_known_mailbox(${acme.id}, ${spellings[1]!}) as known`).toEqual([{ known: true }])
    })
  )

  test.each([
    'a@xn--.test',
    'a@xn---.test',
    'a@xn--99999999.test',
    'a@xn--\u00e9.test',
    `a@xn--${'z'.repeat(200)}.test`,
    'a@xn--a-0000000000.test',
    'a@xn--bcher-kva',
    'a',
    '@'
  ])('%j has a mailbox hash although its domain is not valid', address =>
    session(service, async ({ sql }) => {
      const [row] = await sql<[{ size: number }]>`select octet_length(private.mailbox_hash(${address})) as size`
      expect(row.size).toBe(32)
    })
  )

  test('different domains are different mailboxes', () =>
    session(service, async ({ sql }) => {
      expect(
        await sql`
          select distinct private.mailbox_hash(address)
          from unnest(${['a@bücher.example', 'a@bucher.example', 'a@xn--bcher-kvb.example', 'a@buecher.example']}::text[]) as address`
      ).toHaveLength(4)
    }))

  test('one person may send 45 mails in 24 hours to strangers from all their new teams', () =>
    session(service, async ({ sql }) => {
      let mails = 0
      for (let round = 0; round < 4; round++) {
        const team = await newTeam(sql)
        mails += await countAllowed(sql, 30, index => take(sql, team, `q${round}.${index}@mail.test`))
      }
      expect(mails).toBe(45)
    }))

  test('an established team may send 50 mails to a mailbox, and does not spend the budget of another team', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql, { days: 100 })
      expect(await countAllowed(sql, 60, () => take(sql, team, 'client@mail.test'))).toBe(50)
      expect((await take(sql, initech.id, 'client@mail.test', { sender: ivan.id })).frees_at).toBeNull()
    }))

  test('private.team_mail_budget() shows managers the size and use of each budget', () =>
    session(service, async ({ sql, as }) => {
      const team = await newTeam(sql)
      await take(sql, team, 'a@mail.test')
      await take(sql, team, 'b@mail.test', { kind: 'invitation' })
      expect(await as(ann, sql => sql`select * from private.team_mail_budget(${team}) order by kind`)).toEqual([
        { level: 'new', answers: 0, kind: 'client', size: 30, used: 1, frees_at: null },
        { level: 'new', answers: 0, kind: 'invitation', size: 10, used: 1, frees_at: null }
      ])
    }))
})

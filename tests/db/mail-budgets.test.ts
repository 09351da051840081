import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { service, session, type Session } from '../support/as.ts'
import { describeRights, everybody, managers } from '../support/matrix.ts'
import { acme, adam, ann, bob, dan, initech, ivan, vera, type Person } from '../support/world.ts'

describeRights('public.teams', [
  { does: 'reads the budgets of the team', by: managers, run: sql => sql`select * from private.team_mail_budget(${acme.id})` },
  {
    does: 'lists the mails about a ticket',
    by: everybody,
    given: sql =>
      sql`insert into mails (team_id, ticket_id, event_id, kind, recipient) values (${acme.id}, ${acme.tickets.bobs}, 1, 'public_reply', 'client@mail.test')`,
    run: sql => sql`select * from private.ticket_mails(${acme.id}, ${acme.tickets.bobs})`
  },
  { does: 'reads who answered the team', by: [], run: sql => sql`select * from private.known_mailboxes` },
  { does: 'reads what was mailed to strangers', by: [], run: sql => sql`select * from private.stranger_mails` },
  {
    does: 'empties the budgets of a team',
    by: [],
    run: sql => sql`select * from private.take_stranger_mail(${acme.id}, 'client', 'x@mail.test', null)`
  },
  { does: 'vouches for the team', by: [], run: sql => sql`update teams set mail_level = 'established' where id = ${acme.id} returning id` }
])

type Sql = Session['sql']

/** A team that was founded so many days ago, by its owner. */
async function newTeam(sql: Sql, { days = 0, owner = ann as Person, level = null as string | null } = {}): Promise<string> {
  const id = randomUUID()
  // What other tests mailed in this person's name is another person's.
  await sql`update profiles set email = ${`owner.${owner.id.slice(-2)}.budgets@mail.test`} where id = ${owner.id} and email = ${owner.email}`
  await sql`insert into teams ${sql({ id, name: 'PayPal: you won', slug: `t-${id.slice(0, 18)}`, mail_level: level })}`
  await sql`update teams set created_at = now() - make_interval(days => ${days}) where id = ${id}`
  await sql`insert into team_members ${sql({ team_id: id, user_id: owner.id, role: 'owner' })}`
  return id
}

const levelOf = async (sql: Sql, team: string) =>
  (await sql<[{ level: string; answers: number }]>`select level, answers from private.mail_limits(${team})`)[0]
const answer = (sql: Sql, team: string, count: number) =>
  sql`select private.remember_mailbox(${team}, 'client' || number || '@mail.test') from generate_series(1, ${count}) as number`
const take = async (sql: Sql, team: string, address: string, { kind = 'client', sender = ann.id as string | null } = {}) =>
  (
    await sql<
      [{ frees_at: Date | null; reason: string | null }]
    >`select * from private.take_stranger_mail(${team}, ${kind}, ${address}, ${sender})`
  )[0]
/** How many of `count` mails have room. */
async function room(sql: Sql, count: number, one: (index: number) => Promise<{ frees_at: Date | null }>): Promise<number> {
  let taken = 0
  for (let index = 0; index < count; index++) if (!(await one(index)).frees_at) taken++
  return taken
}
const invite = (team: string, email: string) => (sql: Sql) =>
  sql`select private.save_invitation(${team}, ${email}, 'member', ${randomBytes(32)}) as id`

describe('a team', () => {
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
  ])('of %i days with %i answers is %s', (days, answers, level) =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql, { days })
      await answer(sql, team, answers)
      expect(await levelOf(sql, team)).toEqual({ level, answers })
    })
  )

  test('without an owner whose address is confirmed is new for ever', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql, { days: 400 })
      await sql`update auth.users set email_confirmed_at = null where id = ${ann.id}`
      expect((await levelOf(sql, team)).level).toBe('new')
    }))

  test('is not trusted for what one person answers from many spellings of an address', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql, { days: 31 })
      for (const address of ['ann@gmail.com', 'a.n.n@gmail.com', 'ANN+1@gmail.com', 'ann+2@googlemail.com'])
        await sql`select private.remember_mailbox(${team}, ${address})`
      expect((await levelOf(sql, team)).answers).toBe(1)
    }))

  test('is trusted as whoever runs the installation says', () =>
    session(service, async ({ sql }) => {
      expect((await levelOf(sql, await newTeam(sql, { level: 'established' }))).level).toBe('established')
      expect((await levelOf(sql, await newTeam(sql, { days: 400, level: 'new' }))).level).toBe('new')
    }))

  test('earns answers by accepted invitations and by ratings', () =>
    session(service, async ({ sql, as }) => {
      const token = randomBytes(32)
      await as(ann, sql => sql`select private.save_invitation(${acme.id}, ${dan.email}, 'member', ${token})`)
      await as(dan, sql => sql`select private.accept_invitation(${token})`)
      expect((await levelOf(sql, acme.id)).answers).toBe(1)
      expect(
        await sql`select private.is_known_mailbox(${acme.id}, ${` ${dan.email.toUpperCase()} `}) as known, private.is_known_mailbox(${initech.id}, ${dan.email}) as elsewhere`
      ).toEqual([{ known: true, elsewhere: false }])
    }))
})

test("the mails of another team's ticket are not listed by the caller's own team", () =>
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
    // Notices to members show their addresses: they are no part of it.
    expect(await as(ann, sql => sql`select * from private.ticket_mails(${acme.id}, ${acme.tickets.bobs})`)).toEqual([])
  }))

describe('invitations', () => {
  test('of a new team are ten in a day, and nothing is left of the eleventh', () =>
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

  test('grow by two with each that was accepted', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql)
      await answer(sql, team, 5)
      expect(await room(sql, 40, index => take(sql, team, `i${index}@mail.test`, { kind: 'invitation', sender: null }))).toBe(20)
    }))

  test('to one mailbox are three in a day, sent again or revoked and made again, in any spelling', () =>
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

  test('to a mailbox that has answered are three in a day, too', () =>
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

  test('give nothing back for a team that is deleted and founded again', () =>
    session(service, async ({ sql }) => {
      let mails = 0
      for (let founded = 0; founded < 10; founded++) {
        const team = await newTeam(sql)
        mails += await room(sql, 5, () => take(sql, team, 'victim@mail.test', { kind: 'invitation', sender: null }))
        await sql`delete from teams where id = ${team}`
      }
      expect(mails).toBe(12)
    }))

  test('of one person are fifteen in a day in all their new teams, with any account of theirs', () =>
    session(service, async ({ sql }) => {
      await sql`update profiles set email = 'mallory@mail.test' where id = ${bob.id}`
      await sql`update profiles set email = 'mal.lory+2@mail.test' where id = ${vera.id}`
      let mails = 0
      for (let founded = 0; founded < 4; founded++) {
        const team = await newTeam(sql)
        mails += await room(sql, 10, index =>
          take(sql, team, `p${founded}.${index}@mail.test`, { kind: 'invitation', sender: founded % 2 ? bob.id : vera.id })
        )
      }
      expect(mails).toBe(15)
      expect((await take(sql, await newTeam(sql), 'x@mail.test', { kind: 'invitation', sender: ivan.id })).frees_at).toBeNull()
    }))
})

describe('a refusal because of what other teams mailed', () => {
  /** Twelve mails to the victim from other teams, the first so many hours ago; then the answer to a team that mailed nothing. */
  const answerAfter = (sql: Sql, hours: number, spread: number, kind: string) =>
    (async () => {
      await sql`delete from private.stranger_mails`
      for (let number = 0; number < 2; number++) {
        const other = await newTeam(sql, { owner: dan })
        for (let one = 0; one < 6; one++) await take(sql, other, 'victim@mail.test', { sender: null })
        await sql`update private.stranger_mails set taken_at = now() - make_interval(mins => ${hours * 60 - number * spread}) where team_id = ${other}`
      }
      const team = await newTeam(sql)
      const [answer] = await sql<[{ seconds: number; reason: string }]>`
      select extract(epoch from frees_at - now())::float8 as seconds, reason from private.take_stranger_mail(${team}, ${kind}, 'victim@mail.test', null)`
      return answer
    })()

  test.each([
    ['client', 'This address has not answered the team yet'],
    ['invitation', 'This mail cannot be sent now']
  ])('of a %s is the same whatever they did, and when', (kind, reason) =>
    session(service, async ({ sql }) => {
      for (const [hours, spread] of [
        [23, 0],
        [23, 600],
        [2, 30]
      ] as const)
        expect(await answerAfter(sql, hours, spread, kind)).toEqual({ seconds: 3 * 3600, reason })
    })
  )

  test('or this person in them is the same as that because of the mailbox', () =>
    session(service, async ({ sql }) => {
      for (let founded = 0; founded < 2; founded++) {
        const team = await newTeam(sql)
        await room(sql, 30, index => take(sql, team, `r${founded}.${index}@mail.test`))
      }
      const refused = await take(sql, await newTeam(sql), 'new@mail.test')
      expect(refused.reason).toBe('This address has not answered the team yet')
      expect(await sql`select now() + interval '3 hours' as at`).toEqual([{ at: refused.frees_at }])
    }))

  test('is not what a team reads whose own budget is empty, too', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql)
      await room(sql, 6, () => take(sql, team, 'victim@mail.test', { sender: null }))
      await sql`update private.stranger_mails set taken_at = now() - interval '5 hours' where team_id = ${team}`
      const other = await newTeam(sql, { owner: dan })
      await room(sql, 6, () => take(sql, other, 'victim@mail.test', { sender: null }))
      const refused = await take(sql, team, 'victim@mail.test', { sender: null })
      expect(refused.reason).toBe('A mailbox that has not answered this team gets 6 of its mails in 24 hours')
      expect(await sql`select now() + interval '19 hours' as at`).toEqual([{ at: refused.frees_at }])
    }))
})

describe('mails to clients who have not answered', () => {
  test('are thirty in a day from a new team, and six to one of them', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql)
      expect(await room(sql, 12, () => take(sql, team, 'client@mail.test', { sender: null }))).toBe(6)
      expect(await take(sql, team, 'client+1@mail.test', { sender: null })).toMatchObject({
        reason: 'A mailbox that has not answered this team gets 6 of its mails in 24 hours'
      })
      expect(await room(sql, 40, index => take(sql, team, `c${index}@mail.test`, { sender: null }))).toBe(24)
      expect((await take(sql, team, 'other@mail.test', { sender: null })).reason).toBe(
        'This team may send 30 mails in 24 hours to people who have not answered it'
      )
    }))

  test('to one mailbox are twelve in a day from all new teams together, whoever sends', () =>
    session(service, async ({ sql }) => {
      let mails = 0
      for (const [index, sender] of [ann, bob, vera, ivan, dan].entries()) {
        const team = await newTeam(sql)
        mails += await room(sql, 6, () =>
          take(sql, team, index % 2 ? 'victim@mail.test' : 'VIC.TIM+1@mail.test', {
            sender: sender.id,
            kind: index === 0 ? 'invitation' : 'client'
          })
        )
      }
      expect(mails).toBe(12)
    }))

  test('to one mailbox are, with the invitations, half of what it gets from new teams: others reach it, too', () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql)
      const own =
        (await room(sql, 5, () => take(sql, team, 'client@mail.test', { kind: 'invitation', sender: null }))) +
        (await room(sql, 8, () => take(sql, team, 'client@mail.test', { sender: null })))
      expect(own).toBe(6)
      expect((await take(sql, team, 'client@mail.test', { kind: 'invitation', sender: null })).reason).toBe(
        'A mailbox gets 3 invitations to a team in 24 hours'
      )
      expect((await take(sql, team, 'client@mail.test', { sender: null })).reason).toBe(
        'A mailbox that has not answered this team gets 6 of its mails in 24 hours'
      )
      expect(await room(sql, 8, async () => take(sql, await newTeam(sql, { owner: dan }), 'client@mail.test', { sender: null }))).toBe(6)
    }))

  test('to one mailbox are as many from one person in all their new teams', () =>
    session(service, async ({ sql }) => {
      let mails = 0
      for (let founded = 0; founded < 4; founded++) {
        const team = await newTeam(sql)
        mails += await room(sql, 4, () => take(sql, team, 'client@mail.test'))
      }
      expect(mails).toBe(6)
      expect(await room(sql, 8, async () => take(sql, await newTeam(sql, { owner: dan }), 'client@mail.test', { sender: dan.id }))).toBe(6)
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
  ])('to %s are to one mailbox in every spelling of its domain', (...spellings) =>
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
  ])('of %j are counted as it is written', address =>
    session(service, async ({ sql }) => {
      const [row] = await sql<[{ size: number }]>`select octet_length(private.mailbox_hash(${address})) as size`
      expect(row.size).toBe(32)
    })
  )

  test('are to other mailboxes where the domains differ', () =>
    session(service, async ({ sql }) => {
      expect(
        await sql`select distinct private.mailbox_hash(address) from unnest(${['a@bücher.example', 'a@bucher.example', 'a@xn--bcher-kvb.example', 'a@buecher.example']}::text[]) as address`
      ).toHaveLength(4)
    }))

  test('of one person are forty-five in a day in all their new teams', () =>
    session(service, async ({ sql }) => {
      let mails = 0
      for (let founded = 0; founded < 4; founded++) {
        const team = await newTeam(sql)
        mails += await room(sql, 30, index => take(sql, team, `q${founded}.${index}@mail.test`))
      }
      expect(mails).toBe(45)
    }))

  test("of an old team are many, and none of its business is another's", () =>
    session(service, async ({ sql }) => {
      const team = await newTeam(sql, { days: 100 })
      expect(await room(sql, 60, () => take(sql, team, 'client@mail.test'))).toBe(50)
      expect((await take(sql, initech.id, 'client@mail.test', { sender: ivan.id })).frees_at).toBeNull()
    }))

  test('are shown with what is used to whoever manages', () =>
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

import { describe, expect, test } from 'vitest'
import { email, line, prose } from '#shared/schemas/text'
import { tag } from '#shared/schemas/ticket'
import { acme, ann, initech, ivan } from '../support/world.ts'
import { as, service, session } from '../support/as.ts'

// Both directions of each rule: SQL accepts what the schema outputs, and the schema leaves unchanged exactly what SQL accepts.

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index))
// The basic multilingual plane, and the blocks of other planes that a rule names or borders on.
const characters = [
  ...range(0x1, 0xd7ff),
  ...range(0xe000, 0xffff),
  ...range(0x1bc00, 0x1bcff),
  ...range(0x1d100, 0x1d1ff),
  ...range(0x1eff0, 0x1f0ff),
  ...range(0x1fff0, 0x2000f),
  ...range(0x3fff0, 0x4000f),
  ...range(0xdfff0, 0xe110f)
]
// Postgres and Node may have different versions of Unicode, and disagree on which new letters are capitals.
const lowerCase = characters.filter(one => one.toLowerCase() === one)

type Schema = { safeParse: (value: unknown) => { success: boolean; data?: unknown } }
const [lineSchema, proseSchema] = [line(100), prose(100)]

async function findDisagreements(rule: string, schema: Schema, values: string[]): Promise<string[]> {
  const parsed = values.map(value => schema.safeParse(value)).map(result => (result.success ? (result.data as string) : null))
  const ask = (list: (string | null)[]) =>
    as(
      service,
      sql => sql<{ holds: boolean | null }[]>`
        select private.${sql(rule)}(value) as holds
        from jsonb_array_elements_text(${sql.json(list)}) with ordinality as listed (value, place) order by place`
    )
  const [sent, stored] = [await ask(values), await ask(parsed)]
  return values.flatMap((value, index) => {
    const isUnchanged = parsed[index] === value
    const isStored = parsed[index] === null || stored[index]!.holds === true
    return sent[index]!.holds === isUnchanged && isStored
      ? []
      : [`${rule} ${JSON.stringify(value)} ${[...value].map(one => one.codePointAt(0)!.toString(16)).join(' ')}`]
  })
}

describe('text rules of SQL and of the schemas', () => {
  test('SQL and the schema agree on which characters are visible', async () => {
    expect(await findDisagreements('is_visible', proseSchema, characters)).toEqual([])
  }, 60_000)

  test('SQL and the schema agree on the characters in the middle, at the start and at the end of a line', async () => {
    for (const embed of [(one: string) => `a${one}b`, (one: string) => `${one}a`, (one: string) => `a${one}`]) {
      expect(await findDisagreements('is_line', lineSchema, characters.map(embed))).toEqual([])
    }
  }, 120_000)

  test('SQL and the schema agree on the characters in each part of an email address', async () => {
    for (const embed of [
      (one: string) => `a${one}b@c.test`,
      (one: string) => `a@b${one}c.test`,
      (one: string) => `a@${one}c.test`,
      (one: string) => `a@b.te${one}`
    ]) {
      expect(await findDisagreements('is_email', email, lowerCase.map(embed))).toEqual([])
    }
  }, 120_000)

  test('SQL and the schema agree on the form of an email address', async () => {
    const local = ['a', 'a.b', '.a', 'a.', 'a..b', 'a+b', 'A', 'x'.repeat(64), 'x'.repeat(65), '"a"', 'a b', '', 'a@b', 'jörg']
    const domains = [
      'b.test',
      'b',
      'b.',
      '.b.test',
      'b..test',
      '-b.test',
      'b-.test',
      'b--c.test',
      'xn--bcher-kva.example',
      'bücher.example',
      'BÜCHER.example',
      'b.1',
      'b.t',
      'b.te',
      '1.2.3.4',
      '[1.2.3.4]',
      `${'x'.repeat(63)}.test`,
      `${'x'.repeat(64)}.test`,
      `${'x.'.repeat(125)}te`,
      `${'x.'.repeat(128)}test`,
      'b.test,c@d.test',
      'b.test\nBcc',
      ''
    ]
    expect(
      await findDisagreements(
        'is_email',
        email,
        local.flatMap(one => domains.map(domain => `${one}@${domain}`))
      )
    ).toEqual([])
  })

  test('SQL and the schema agree on tags', async () => {
    const tags = [
      'vpn',
      'VPN',
      'vpn issue',
      ' vpn',
      'vpn ',
      'a,b',
      ',',
      '',
      ' ',
      '\t',
      'straße',
      'İ',
      'Σας',
      'ΣΑΣ',
      'é',
      'e\u0301',
      '请求',
      'a\u202eb',
      'a\nb',
      '\u200b',
      'ǅ',
      '🎫'
    ]
    expect(await findDisagreements('is_tag', tag, tags)).toEqual([])
  })
})

describe('text columns', () => {
  const invalid = ['', ' ', ' x', 'x ', 'a\r\nb', 'a\nb', 'a\u2028b', 'a\u202eb', 'a\u2066b', '\u200b', '\u3164', '\u2800', 'a\u0007b']
  const columns = [
    'teams.name',
    'profiles.full_name',
    'ticket_categories.name',
    'ticket_categories.portal_name',
    'ticket_types.name',
    'ticket_items.name',
    'tickets.subject',
    'tickets.requester_name',
    'ticket_replies.external_author',
    'canned_responses.title',
    'canned_responses.category',
    'saved_views.name',
    'webhooks.name',
    'api_keys.name',
    'private.ticket_imports.source_id'
  ]

  test('every column for a line refuses blank, padded, multi-line and invisible text', () =>
    session(service, async ({ sql, refusal }) => {
      await sql`insert into private.ticket_imports (team_id, source_id) values (${acme.id}, 'x')`
      await sql`update ticket_categories set portal_name = 'x'`
      for (const column of columns) {
        const at = column.lastIndexOf('.')
        const [table, name] = [column.slice(0, at), column.slice(at + 1)]
        for (const value of invalid) {
          expect(
            (await refusal(sql => sql`update ${sql(table)} set ${sql({ [name]: value })}`)).code,
            `${column} ${JSON.stringify(value)}`
          ).toBe('23514')
        }
      }
    }))

  test('every text column that people write has a check of its form, except drafts', async () => {
    const unchecked = await as(
      service,
      sql => sql<{ name: string }[]>`
        select attrelid::regclass::text || '.' || attname as name from pg_attribute
        where attrelid in (select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace) and attnum > 0
          and atttypid = 'text'::regtype
          and (has_column_privilege('authenticated', attrelid, attnum, 'insert')
            or has_column_privilege('authenticated', attrelid, attnum, 'update'))
          and not exists (
            select from pg_constraint where conrelid = attrelid and contype = 'c' and attnum = any (conkey)
              and pg_get_constraintdef(oid) ~ 'is_line|is_email|is_tag|is_visible|= ANY|~'
          )
          and not exists (select from pg_constraint where conrelid = attrelid and contype = 'f' and attnum = any (conkey))
        order by 1`
    )
    // A draft is unfinished: it may be blank.
    expect(unchecked.map(({ name }) => name)).toEqual(['reply_drafts.content'])
  })
})

describe('direct writes past the routes', () => {
  test.each([['a@b, c@d'], ['a@b.test, c@d.test'], ['A@b.test'], ['a'], ['a@b.test\n'], ['a@b'], [' a@b.test']])(
    "%j is refused as a requester's email address",
    value =>
      session(ann, async ({ sql, refusal }) => {
        expect((await refusal(sql => sql`update tickets set requester_email = ${value} where id = ${acme.tickets.bobs}`)).code).toBe(
          '23514'
        )
        await sql`update tickets set requester_email = 'joe@bücher.example' where id = ${acme.tickets.bobs}`
      })
  )

  test('a description or reply without visible characters is refused', () =>
    session(ann, async ({ refusal }) => {
      for (const value of [' ', '\n\n', '\u200b\n', '\u3164']) {
        expect((await refusal(sql => sql`update tickets set description = ${value} where id = ${acme.tickets.bobs}`)).code).toBe('23514')
        expect(
          (
            await refusal(
              sql => sql`insert into ticket_replies (team_id, ticket_id, content) values (${acme.id}, ${acme.tickets.bobs}, ${value})`
            )
          ).code
        ).toBe('23514')
      }
    }))

  test('a ticket has at most 20 tags, whether added in one statement or several, and no invalid tag', () =>
    session(ann, async ({ sql, refusal }) => {
      const add = (count: number, prefix: string) => (statement: typeof sql) => statement`
        insert into ticket_tags (team_id, ticket_id, tag) select ${acme.id}, ${acme.tickets.anns}, ${prefix} || number
        from generate_series(1, ${count}::integer) as number`
      expect(await refusal(add(250, 'a'))).toMatchObject({ code: 'PT422', detail: 'tag_limit' })
      expect(await refusal(add(21, 'a'))).toMatchObject({ code: 'PT422', detail: 'tag_limit' })
      await add(20, 'a')(sql)
      expect(await refusal(add(1, 'b'))).toMatchObject({ code: 'PT422', detail: 'tag_limit' })
      for (const tag of ['A', 'a,b', ' a', ''])
        expect(
          (
            await refusal(
              sql => sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${acme.tickets.unassigned}, ${tag})`
            )
          ).code,
          tag
        ).toBe('23514')
    }))

  test('a team has at most 50 shared views, including private views that are shared later', () =>
    session(ann, async ({ sql, refusal }) => {
      await sql`
        insert into saved_views (team_id, name, is_shared) select ${acme.id}, 'x' || number, true from generate_series(1, 49) as number`
      expect(await refusal(sql => sql`insert into saved_views (team_id, name, is_shared) values (${acme.id}, 'x', true)`)).toMatchObject({
        code: 'PT422',
        detail: 'limit'
      })
      await sql`insert into saved_views (team_id, name) values (${acme.id}, 'mine')`
      expect(await refusal(sql => sql`update saved_views set is_shared = true where name = 'mine'`)).toMatchObject({
        code: 'PT422',
        detail: 'limit'
      })
    }))

  test('errors do not tell an outsider whether a team is at its limits or who its agents are', () =>
    session(service, async ({ sql, become, refusal }) => {
      await sql`
        insert into ticket_categories (team_id, key, name) select ${acme.id}, 'c' || number, 'c' || number
        from generate_series(1, 94) as number`
      await become(ivan)
      expect((await refusal(sql => sql`insert into ticket_categories (team_id, key, name) values (${acme.id}, 'x', 'x')`)).code).toBe(
        '42501'
      )
      expect(
        (
          await refusal(
            sql => sql`insert into tickets (team_id, subject, description, assigned_to) values (${acme.id}, 'x', 'x', ${ivan.id})`
          )
        ).code
      ).toBe('42501')
      expect(
        (
          await refusal(
            sql => sql`insert into tickets (team_id, subject, description, assigned_to) values (${acme.id}, 'x', 'x', ${ann.id})`
          )
        ).code
      ).toBe('42501')
    }))

  test('the id of a deleted ticket or reply cannot be reused', () =>
    session(ann, async ({ sql, refusal }) => {
      await sql`delete from tickets where id = ${acme.tickets.bobs}`
      expect(
        (
          await refusal(
            sql => sql`insert into tickets (id, team_id, subject, description) values (${acme.tickets.bobs}, ${acme.id}, 'x', 'x')`
          )
        ).code
      ).toBe('42501')
      expect(
        (
          await refusal(
            sql => sql`
              insert into ticket_replies (id, team_id, ticket_id, content)
              values (${acme.replies.bobs}, ${acme.id}, ${acme.tickets.anns}, 'x')`
          )
        ).code
      ).toBe('42501')
    }))

  test('a time zone must be a name of the tz database', () =>
    session(ann, async ({ sql, refusal }) => {
      for (const zone of ['+03:00', 'UTC+3', 'EST5EDT,M3.2.0,M11.1.0', 'europe/berlin', '<X>-3', 'Europe/Nowhere']) {
        expect((await refusal(sql => sql`update teams set time_zone = ${zone} where id = ${acme.id}`)).code, zone).toMatch(
          /^(23514|PT400)$/
        )
      }
      await sql`update teams set time_zone = 'America/Argentina/Buenos_Aires' where id = ${acme.id}`
    }))

  test('a webhook secret must be usable for signing', () =>
    session(ann, async ({ sql, refusal }) => {
      for (const secret of [
        'short',
        'with a space in it',
        'x'.repeat(257),
        'whsec_!!!!!!!!!!!!!!!!',
        'whsec_c2hvcnQ=',
        'new\nline'.padEnd(20, 'x')
      ]) {
        expect(
          (await refusal(sql => sql`select private.create_webhook(${acme.id}, 'x', 'https://x.test/', '{ticket.created}', ${secret})`))
            .code,
          secret
        ).toBe('23514')
      }
      await sql`
        select private.create_webhook(${acme.id}, 'x', 'https://x.test/', '{ticket.created}',
          ${`whsec_${Buffer.alloc(32, 1).toString('base64')}`})`
    }))

  test('an owner can read the schedules, and a viewer cannot', () =>
    session(ivan, async ({ sql, as, refusal }) => {
      await sql`select * from private.schedules()`
      await as(service, sql => sql`update team_members set role = 'member' where user_id = ${ivan.id} and team_id <> ${initech.id}`)
      await as(service, sql => sql`insert into team_members (team_id, user_id, role) values (${initech.id}, ${ann.id}, 'owner')`)
      await as(service, sql => sql`update team_members set role = 'viewer' where user_id = ${ivan.id}`)
      expect((await refusal(sql => sql`select * from private.schedules()`)).code).toBe('42501')
    }))
})

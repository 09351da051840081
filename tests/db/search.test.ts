import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { describe, expect, test } from 'vitest'
import { wordsOf } from '#server/domain/ticket/filter'
import { foldCharacter } from '#shared/utils/fold'
import { parseSearch, positiveTerms } from '#shared/utils/search-query'
import { highlight } from '#shared/utils/snippet'
import { withFoldFunction } from '../../scripts/search-fold.ts'
import { as, service, session, type Caller, type Session } from '../support/as.ts'
import { foldPairs } from '../../scripts/search/pairs.ts'
import { acme, ann, bob, dan, initech, vera } from '../support/world.ts'

const foldText = (text: string) => [...text].map(foldCharacter).join('')
const isSpelledAlike = (typed: string, written: string) =>
  [foldText(typed), foldText(typed).replaceAll(' ', '')].includes(foldText(written)) && typed.includes(' ') === written.includes(' ')

const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: db => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler()
  }
})

/** The subjects of the tickets that found_tickets() finds for these arguments, in SQL. */
async function findSubjects(sql: Session['sql'], query: string, teamId: string = acme.id): Promise<string[]> {
  const rows = await sql.unsafe<{ subject: string }[]>(
    `select subject from tickets where id in (select private.found_tickets('${teamId}', ${query})) order by subject`
  )
  return rows.map(({ subject }) => subject)
}

const insert = (sql: Session['sql'], subject: string, fields: Record<string, string> = {}) =>
  sql`insert into tickets ${sql({ team_id: acme.id, subject, description: 'x', ...fields })} returning id, search::text as search`

describe('search words of a text', () => {
  test.each([
    ['Résumé ÜBER Ａｂｃ ﬁle', "'abc':3 'file':4 'resume':1 'uber':2"],
    ['ERR_CONNECTION_RESET in foo/bar.exe', "'bar':6 'connection':2 'err':1 'exe':7 'foo':5 'in':4 'reset':3"],
    ['rita@acme.test', "'acme':2 'rita':1 'test':3"],
    ['登录失败 Firefox', "'firefox':5 '失':3 '录':2 '登':1 '败':4"],
    ['ไม่ได้', "'ด้':4 'ม่':2 'ไ':1,3"],
    ['로그인', "'그':2 '로':1 '인':3"],
    ['لا يُمكِنُني تسجيل الدُّخول', "'الدخول':4 'تسجيل':3 'لا':1 'يمكنني':2"],
    ['Не могу войти', "'воити':3 'могу':2 'не':1"],
    ['लॉग इन नहीं', "'इन':2 'नहीन्':3 'लॉग':1"],
    ['שָׁלוֹם', "'שלומ':1"],
    ['می‌خواهم', "'ميخواهم':1"],
    ['🔥 <b>bold</b> & "it\'s"', "'b':1,3 'bold':2 'it':4 's':5"],
    ['🔥', '']
  ])('the text %s is indexed as %s', (text, words) =>
    as(service, async sql => {
      const [row] = await sql<[{ words: string }]>`select to_tsvector('simple', private.search_text(${text}))::text as words`
      expect(row.words.split(' ').sort()).toEqual(words.split(' ').sort())
    })
  )

  test('a description with 42,720 different words in 50,000 characters can be searched', () =>
    session(bob, async ({ sql }) => {
      // Every ideograph is a word of its own: the most words that 50,000 characters can hold.
      const text = Array.from({ length: 42_720 }, (_, index) => String.fromCodePoint(0x20000 + index)).join('') + 'x'.repeat(7_280)
      const [ticket] = await insert(sql, 'Many words', { description: text })
      expect(ticket!.search.length).toBeGreaterThan(100_000)
      expect(await findSubjects(sql, `private.search_term('${String.fromCodePoint(0x20000, 0x20001)}')`)).toEqual(['Many words'])
    }))
})

describe('folding', () => {
  test.each(foldPairs)('%s and %s find each other', (text, wanted) =>
    as(bob, async sql => {
      for (const [written, typed] of [
        [text, wanted],
        [wanted, text]
      ] as const) {
        const { sql: query, parameters } = wordsOf(parseSearch(typed), acme.id)!.query.compile(compiler)
        const [row] = await sql.unsafe<[{ found: boolean }]>(
          `select private.search_vector($${parameters.length + 1}) @@ ${query} as found`,
          [...parameters, `x ${written} y`] as never[]
        )
        expect(row.found, `${typed} in ${written}`).toBe(true)
        // An alternative spelling, which was indexed beside the text's own, is found but not highlighted.
        if (isSpelledAlike(typed, written))
          expect(
            highlight(`x ${written} y`, positiveTerms(parseSearch(typed))).some(({ marked }) => marked),
            `${typed} marked in ${written}`
          ).toBe(true)
      }
    })
  )

  // Postgres cannot be cancelled while it sorts combining marks: in one piece, not 500 characters at a time, these took 25 s.
  test(
    'folding a word with 24,000 combining marks stays within the statement timeout',
    () =>
      as(service, async sql => {
        const marks = `a${'\u0300'.repeat(12_000)}${'\u0323'.repeat(12_000)}`
        await sql`set local statement_timeout = '8s'`
        const [{ folded }] = await sql<
          [{ folded: string }]
        >`select private.search_text(${`x ${marks}b`}) || private.other_spellings(${marks}) as folded`
        expect(folded).toMatch(/^x ab/)
      }),
    60_000
  )

  test('a long word is folded like a short one', () =>
    as(service, async sql => {
      const [{ folded }] = await sql<[{ folded: string }]>`select private.fold_text(${'Ångström'.normalize('NFD').repeat(500)}) as folded`
      expect(folded).toBe('angstrom'.repeat(500))
    }))

  test(
    'SQL and the highlighter fold every character alike',
    () =>
      as(service, async sql => {
        // Han ideographs and Hangul syllables fold to themselves. Characters newer than the Unicode version of Postgres 17 are skipped.
        const points: number[] = []
        for (let point = 1; point < 0x20000; point++) {
          const isVast =
            (point >= 0x3400 && point <= 0x9fff) ||
            (point >= 0xac00 && point <= 0xd7a3) ||
            (point >= 0xd800 && point <= 0xf8ff) ||
            (point >= 0x12000 && point <= 0x1343f) ||
            (point >= 0x17000 && point <= 0x18cff)
          if (!isVast && /[\p{L}\p{M}\p{N}\p{S}\p{P}]/u.test(String.fromCodePoint(point))) points.push(point)
        }
        const rows = await sql<{ point: number; folded: string }[]>`
          select point, private.fold_text('\u00e9' || chr(point) || 'x') as folded from unnest(${points}::integer[]) as point
          where unicode_assigned(chr(point))`
        expect(rows.length).toBeGreaterThan(20_000)
        const different = rows
          .filter(({ point, folded }) => folded !== `e${foldCharacter(String.fromCodePoint(point))}x`.normalize('NFC'))
          .map(({ point, folded }) => [point.toString(16), folded, foldCharacter(String.fromCodePoint(point))])
        expect(different).toEqual([])
      }),
    60_000
  )

  test('the fold function in the migration is the one generated from the table', async () => {
    const migration = await readFile(join(import.meta.dirname, '../../supabase/migrations/20261121000300_text_folding.sql'), 'utf8')
    expect(withFoldFunction(migration)).toBe(migration)
  })
})

describe('search terms', () => {
  test.each([
    ['foo', '', "'foo'"],
    ['foo', ':*', "'foo':*"],
    ['Foo-Bar', ':*', "'foo':* <-> 'bar':*"],
    ['登录', '', "'登' <-> '录'"],
    ['rita@x', ':*C', "'rita':*C <-> 'x':*C"],
    ["it's \\ '' & | ! ( ) :* <->", '', "'it' <-> 's'"],
    ['!!!', ':*', ''],
    ['', '', ''],
    ['\u200b', ':*C', '']
  ])('the term %s with the flags "%s" becomes the query %s', (value, flags, query) =>
    as(bob, async sql => {
      expect((await sql<[{ query: string }]>`select private.search_term(${value}, ${flags})::text as query`)[0].query).toBe(query)
    })
  )
})

describe('search results', () => {
  test('the subject has the highest search weight, then the description, then the requester', () =>
    session(bob, async ({ sql }) => {
      const [ticket] = await insert(sql, 'alpha', { description: 'beta', requester_name: 'Gamma', requester_email: 'delta@x.test' })
      expect(ticket!.search).toBe("'alpha':1A 'beta':2B 'delta':4C 'gamma':3C 'test':6C 'x':5C")
    }))

  test('a ticket is found by its changed subject and no longer by the old one', () =>
    session(bob, async ({ sql }) => {
      await sql`update tickets set subject = 'Zebra crossing' where id = ${acme.tickets.bobs}`
      expect(await findSubjects(sql, "private.search_term('zebra')")).toEqual(['Zebra crossing'])
      await sql`update tickets set subject = 'Gone' where id = ${acme.tickets.bobs}`
      expect(await findSubjects(sql, "private.search_term('zebra')")).toEqual([])
    }))

  test('search finds part of a subject or requester name, a ticket number, and as many tickets as requested', () =>
    session(bob, async ({ sql }) => {
      await insert(sql, 'Firefox crashes', { requester_name: 'Margarita' })
      expect(await findSubjects(sql, "private.search_term('refox')")).toEqual([])
      expect(await findSubjects(sql, "private.search_term('refox'), '%refox%'")).toEqual(['Firefox crashes'])
      expect(await findSubjects(sql, "'', '%garita%'")).toEqual(['Firefox crashes'])
      expect(await findSubjects(sql, "'', null, 1")).toHaveLength(1)
      expect(
        await findSubjects(
          sql,
          "private.search_term('a', ':*') || private.search_term('t', ':*') || private.search_term('f', ':*'), null, null, 1"
        )
      ).toHaveLength(1)
    }))

  test('search finds tickets and replies of one team only, and only for its members', () =>
    session(service, async ({ sql, become }) => {
      await sql`update tickets set subject = 'quokka'`
      await sql`update ticket_replies set content = 'quokka'`
      const found = (teamId: string) => sql<[{ tickets: number; replies: number }]>`
        select (select count(*)::integer from private.found_tickets(${teamId}, 'quokka')) as tickets,
          (select count(*)::integer from private.found_replies(${teamId}, 'quokka')) as replies`
      for (const [caller, teamId, tickets] of [
        [vera, acme.id, 4],
        [dan, acme.id, 0],
        [vera, initech.id, 0],
        [dan, initech.id, 1]
      ] as [Caller, string, number][]) {
        await become(caller)
        const [{ tickets: count, replies }] = await found(teamId)
        expect(count).toBe(tickets)
        expect(replies > 0).toBe(tickets > 0)
      }
    }))

  test('search finds an internal note only for people who may read it', () =>
    session(service, async ({ sql, become }) => {
      await sql`
        insert into ticket_replies (team_id, ticket_id, user_id, content, is_internal)
        values (${acme.id}, ${acme.tickets.bobs}, ${ann.id}, 'Secret wombat', true),
          (${acme.id}, ${acme.tickets.bobs}, ${ann.id}, 'Public wombat', false)`
      const contents = async () =>
        (
          await sql<
            { content: string }[]
          >`select content from ticket_replies where id in (select private.found_replies(${acme.id}, 'wombat')) order by content`
        ).map(({ content }) => content)
      await become(vera)
      expect(await contents()).toEqual(['Public wombat', 'Secret wombat'])
      // With a policy that hides notes from Vera, as one for guests would, their words find nothing.
      await become(service)
      await sql.unsafe(
        `create policy hidden_notes on ticket_replies as restrictive for select to authenticated
          using (not is_internal or (select auth.uid()) <> '${vera.id}')`
      )
      await become(vera)
      expect(await contents()).toEqual(['Public wombat'])
      await become(bob)
      expect(await contents()).toHaveLength(2)
      for (const stranger of [dan, { id: '00000000-0000-4000-8000-00000000dead', email: 'client@x.test' }]) {
        await become(stranger)
        expect(await contents()).toEqual([])
        expect(await sql`select private.found_replies(${acme.id}, 'wombat')`).toHaveLength(0)
      }
    }))

  test('an anonymous caller cannot call the search functions', () =>
    session('anonymous', async ({ refusal }) => {
      for (const call of ['found_tickets', 'found_replies'])
        expect((await refusal(sql => sql.unsafe(`select private.${call}('${acme.id}', 'a')`))).code).toBe('42501')
    }))
})

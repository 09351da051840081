import { describe, expect, test } from 'vitest'
import type { Reply, SearchResults, Ticket } from '#shared/types/api'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, ann, bob, dan, initech, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('search')

const search = (team: { id: string }, q: string, person = bob, rest = '') =>
  api<SearchResults>(person, 'GET', `/teams/${team.id}/search?q=${encodeURIComponent(q)}${rest}`)
const create = async (team: TeamWorld, fields: Record<string, unknown>) =>
  (await api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, { description: 'Nothing to find here', ...fields })).body
const reply = async (team: TeamWorld, content: string, is_internal = false) =>
  (await api<Reply>(ann, 'POST', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`, { content, is_internal })).body
const numbers = ({ body }: { body: SearchResults }) => body.tickets.map(({ ticket_number }) => ticket_number)

describe('search results', () => {
  test('a search returns tickets as lists show them and replies with their ticket, each with rank and snippet', async () => {
    const team = await newTeam()
    const ticket = await create(team, { subject: 'Platypus', description: `${'Before it. '.repeat(50)}The platypus & its <b>eggs</b>` })
    const note = await reply(team, 'A platypus was seen', true)
    const { body } = await search(team, 'platypus eggs or seen', vera)
    const { description: _, read_at: __, ...row } = ticket
    expect(body.tickets).toEqual([
      {
        ...row,
        rank: expect.any(Number) as number,
        snippet: expect.stringMatching(/^….*The <mark>platypus<\/mark> &amp; its &lt;b&gt;<mark>eggs<\/mark>&lt;\/b&gt;$/) as string
      }
    ])
    expect(body.replies).toEqual([
      {
        id: note.id,
        ticket_id: team.tickets.bobs,
        ticket_number: 1,
        subject: expect.any(String) as string,
        is_internal: true,
        created_at: note.created_at,
        author: note.author,
        rank: expect.any(Number) as number,
        snippet: 'A <mark>platypus</mark> was <mark>seen</mark>'
      }
    ])
  })

  test('a snippet shows mentions by name, and a search does not match the ids in mentions', async () => {
    const team = await newTeam()
    await reply(team, `<@${bob.id}>, <@${dan.id}>: the axolotl of <@${vera.id}>`, true)
    expect((await search(team, 'axolotl')).body.replies.map(({ snippet }) => snippet)).toEqual([
      `@${bob.name}, @former member: the <mark>axolotl</mark> of @${vera.name}`
    ])
    await reply(team, `${'okapi '.repeat(3332)}<@${bob.id}>`)
    expect((await search(team, 'okapi')).body.replies[0]!.snippet).not.toContain('@')
    for (const piece of bob.id.split('-')) expect((await search(team, piece)).body.replies, piece).toEqual([])
  })

  test('subjects rank before descriptions, descriptions before requesters, and equals newest first', async () => {
    const team = await newTeam()
    await create(team, { subject: 'x', requester_name: 'Wombat' })
    await create(team, { subject: 'x', description: 'wombat' })
    await create(team, { subject: 'wombat' })
    await create(team, { subject: 'wombat' })
    expect(numbers(await search(team, 'wombat'))).toEqual([8, 7, 6, 5])
  })

  test('a ticket number ranks its ticket before other tickets that contain the number', async () => {
    const team = await newTeam()
    await create(team, { subject: '2 2 2 2 2' })
    for (const q of ['2', '#2', '002', '#002'])
      expect((await search(team, q)).body.tickets[0], q).toMatchObject({ ticket_number: 2, rank: 1000 })
    expect(numbers(await search(team, '99'))).toEqual([])
  })

  test('every form in which a ticket number is printed finds that ticket first', async () => {
    const team = await newTeam()
    const {
      body: { slug }
    } = await api<{ slug: string }>(bob, 'GET', `/teams/${team.id}`)
    const pasted = [
      '[#2]',
      '#2,',
      'ticket 2',
      'Ticket #0002:',
      '(#2)',
      '№ 2',
      '"2"',
      '＃２',
      '٢',
      '[#002] Anything: "quoted',
      'Re: [#002] status: red',
      'Fwd: AW: [#2] x',
      `[#002] ${'long '.repeat(60)}`,
      '#002 Some title',
      'https://desk.test/tickets?ticket=2',
      '/tickets?ticket=2',
      `https://desk.test/t/${slug}/2`,
      `/t/${slug}/2`
    ]
    for (const q of pasted) {
      expect((await search(team, q)).body.tickets[0], q).toMatchObject({ ticket_number: 2, rank: 1000 })
      expect(
        (await api<Ticket[]>(bob, 'GET', `/teams/${team.id}/tickets?q=${encodeURIComponent(q)}`)).body.map(
          ({ ticket_number }) => ticket_number
        ),
        q
      ).toContain(2)
    }
    expect(numbers(await search(team, '/t/another-team/2'))).toEqual([])
    expectError(await search(team, 'x'.repeat(201)), 400, 'invalid')
    expectError(await search(team, `[#2] ${'x'.repeat(2_000)}`), 400, 'invalid')
  })

  test('symbols in names such as C++, C# and .NET are part of the searched word', async () => {
    const team = await newTeam()
    // The numbers are those of the tickets.
    await create(team, { subject: 'Compiler', description: 'A question about C++ templates' }) // 5
    await create(team, { subject: 'Compiler', description: 'A question about C# and .NET' }) // 6
    await create(team, { subject: 'Compiler', description: 'Vitamin c, the net and a node: js, a b, 24 hours, café' }) // 7
    await create(team, { subject: 'Compiler', description: 'A 24" screen runs Node.js in a/b' }) // 8
    await create(team, { subject: 'Compiler', description: 'In C, not Ｃ＋＋11, says Zoë' }) // 9
    const found: [string, number[]][] = [
      ['C++', [9, 5]],
      ['c++', [9, 5]],
      ['C#', [6]],
      ['.NET', [6]],
      ['.net', [6]],
      ['node.js', [8]],
      ['Node.j', [8]],
      ['24"', [8]],
      ['a/b', [8]],
      ['c', [9, 7, 6, 5]],
      ['net', [7, 6]],
      ['(C++)', [9, 5]],
      ['C++,', [9, 5]],
      ['"C++ templates"', [5]],
      ['C++ question', [5]],
      ['C++ or C#', [9, 6, 5]],
      ['-C++ compiler', [8, 7, 6]],
      ['-C++ c', [7, 6]],
      ['compiler -.NET -C++', [8, 7]],
      ['C++ or vitamin', [9, 7, 5]],
      ['node-js', [8, 7]]
    ]
    for (const [q, expected] of found) {
      expect(
        numbers(await search(team, q)).sort((a, b) => b - a),
        q
      ).toEqual(expected)
      expect(
        (await api<Ticket[]>(bob, 'GET', `/teams/${team.id}/tickets?q=${encodeURIComponent(q)}`)).body
          .map(({ ticket_number }) => ticket_number)
          .sort((a, b) => b - a),
        q
      ).toEqual(expected)
    }
    const posted = await reply(team, 'Use C++ here')
    await reply(team, 'Use C here')
    expect((await search(team, 'C++')).body.replies.map(({ id }) => id)).toEqual([posted.id])
  })

  test('a former member is found as the author of their tickets', async () => {
    const team = await newTeam()
    const { ticket_number } = await create(team, { subject: 'From Bob' })
    expect(numbers(await search(team, 'author:bob', ann))).toContain(ticket_number)
    await api(ann, 'DELETE', `/teams/${team.id}/members/${bob.id}`)
    for (const q of ['author:bob', 'author:BOB', `author:"${bob.name}"`]) {
      expect(numbers(await search(team, q, ann)), q).toContain(ticket_number)
      expect(numbers(await search(team, q, vera)), q).toContain(ticket_number)
    }
    expect(numbers(await search(team, '-author:bob', ann))).not.toContain(ticket_number)
    expect(numbers(await search(team, 'author:dan', ann))).toEqual([])
  })

  test('a search finds beginnings of words, phrases and alternatives, and takes exclusions and operators', async () => {
    const team = await newTeam()
    await create(team, {
      subject: 'Cannot log in since the update',
      requester_name: 'Müller, Jürgen',
      requester_email: 'j.mueller@kunde.example'
    })
    await create(team, { subject: 'The log in the cellar burns', description: 'ERR_CONNECTION_RESET at C:\\temp\\x.exe' })
    const found: [string, number[]][] = [
      ['log', [6, 5]],
      ['cellar bur', [6]],
      ['"log in since"', [5]],
      ['"since log"', []],
      ['log -cellar', [5]],
      ['cellar or update', [6, 5]],
      ['muller', [5]],
      ['MÜLLER jurgen', [5]],
      ['mueller@kunde.example', [5]],
      ['unde', [5]],
      ['connection_reset', [6]],
      ['x.exe', [6]],
      ['"upd"', []],
      ['log requester:müll', [5]],
      ['requester:kunde.example', [5]],
      ['log is:closed', []],
      ['log status:open', [6, 5]],
      ['status:closed', [3]]
    ]
    for (const [q, expected] of found)
      expect(
        numbers(await search(team, q)).sort((a, b) => b - a),
        q
      ).toEqual(expected)
  })

  test.each([
    ['Arabic', 'لا أستطيع تسجيل الدُّخول إلى حسابي', 'الدخول', 'استطيع'],
    ['Chinese', '我无法登录我的账户，请帮忙', '登录', '账'],
    ['Japanese', 'パスワードを忘れてログインできません', 'ログイン', '忘れ'],
    ['Korean', '비밀번호를 잊어버려서 로그인이 안 됩니다', '로그인', '번호'],
    ['Thai', 'ฉันไม่สามารถเข้าสู่ระบบได้', 'ระบบ', 'สามารถ'],
    ['Devanagari', 'मैं लॉग इन नहीं कर पा रहा हूँ', 'लॉग', 'नहीं'],
    ['Cyrillic', 'Не могу войти в учётную запись', 'УЧЕТН', 'войти'],
    ['Greek', 'Δεν μπορώ να συνδεθώ', 'μπορω', 'συνδεθώ'],
    ['Hebrew', 'אני לא מצליח להתחבר', 'להתחבר', 'מצליח'],
    ['Vietnamese', 'Tôi không thể đăng nhập', 'khong', 'nhập'],
    ['Turkish', 'Giriş yapamıyorum', 'giris', 'yapam'],
    ['Persian', 'نمی‌توانم وارد شوم', 'نمیتوانم', 'وارد']
  ])('a search finds words in %s in descriptions and replies', async (_, text, first, second) => {
    scripts ??= newTeam()
    const team = await scripts
    const { ticket_number } = await create(team, { subject: 'x', description: text })
    const { id } = await reply(team, text)
    for (const q of [first, second]) {
      const { body } = await search(team, q)
      expect(
        body.tickets.map(ticket => ticket.ticket_number),
        q
      ).toContain(ticket_number)
      expect(
        body.replies.map(reply => reply.id),
        q
      ).toContain(id)
      expect(body.replies.find(reply => reply.id === id)!.snippet, q).toContain('<mark>')
    }
  })
  let scripts: Promise<TeamWorld> | undefined

  test('a search finds emoji and symbols in subjects', async () => {
    const team = await newTeam()
    await create(team, { subject: 'Party 🎉 & <3' })
    for (const q of ['🎉', '&', '<']) expect(numbers(await search(team, q)), q).toEqual([5])
  })

  test('a search reflects changes and deletions immediately', async () => {
    const team = await newTeam()
    const ticket = await create(team, { subject: 'Quokka' })
    const posted = await reply(team, 'quokka')
    await api(bob, 'PATCH', `/teams/${team.id}/tickets/${ticket.id}`, { subject: 'Numbat' })
    await api(ann, 'DELETE', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies/${posted.id}`)
    expect((await search(team, 'quokka')).body).toEqual({ tickets: [], replies: [], articles: [] })
    expect(numbers(await search(team, 'numbat'))).toEqual([5])
  })

  test('a search returns the best 20 tickets, or as many as limit asks for', async () => {
    const team = await newTeam()
    await database()`insert into public.tickets (team_id, subject, description, created_by) select ${team.id}, 'Echidna ' || n, 'x', ${bob.id} from generate_series(1, 30) as n`
    expect((await search(team, 'echidna')).body.tickets).toHaveLength(20)
    expect((await search(team, 'echidna', bob, '&limit=50')).body.tickets).toHaveLength(30)
    expect((await search(team, 'echidna 7', bob, '&limit=1')).body.tickets[0]).toMatchObject({ subject: 'Echidna 7' })
  })
})

describe('search permissions', () => {
  test('a search finds neither tickets nor replies of another team', async () => {
    for (const [person, team, q] of [
      [dan, initech, 'vpn'],
      [bob, acme, 'stapler']
    ] as const)
      expect((await search(team, q, person)).body, q).toEqual({ tickets: [], replies: [], articles: [] })
    expectError(await search(acme, 'vpn', dan), 404, 'not_found')
  })

  test('a removed member can no longer search', async () => {
    const team = await newTeam()
    expect(numbers(await search(team, 'vpn', vera))).toEqual([1])
    await database()`delete from public.team_members where team_id = ${team.id} and user_id = ${vera.id}`
    expectError(await search(team, 'vpn', vera), 404, 'not_found')
  })

  test('a viewer, who sees no addresses, can search for a member by name and not by address', async () => {
    const team = await newTeam()
    expect(numbers(await search(team, 'assignee:bob@acme', ann))).toEqual([1])
    expect(numbers(await search(team, 'assignee:bob@acme', vera))).toEqual([])
    expect(numbers(await search(team, 'assignee:bob', vera))).toEqual([1])
  })
})

describe('search input', () => {
  test.each([
    '?',
    '?q=status:opne',
    '?q=before:2026-02-30',
    '?q=vpn+severity:6',
    '?q=a&limit=0',
    '?q=a&limit=51',
    '?q=a&limit=x',
    '?q=a&q=b',
    '?q=%00',
    `?q=${'x'.repeat(201)}`,
    '?q=a&page=1',
    '?q[x]=1'
  ])('a search with %s is refused', async query => {
    expectError(await api(bob, 'GET', `/teams/${acme.id}/search${query}`), 400, 'invalid')
  })

  test('an operator with an unknown value is refused with the values that it takes', async () => {
    const { data } = expectError(await search(acme, 'vpn status:opne'), 400)
    expect(data.issues).toEqual([
      { path: 'q', message: '“opne” is not a value of status: – use open, in_progress, waiting, resolved or closed' }
    ])
  })

  test('an empty search finds nothing', async () => {
    for (const q of ['', '   ', 'status:', '""'])
      expect((await search(acme, q)).body, q).toEqual({ tickets: [], replies: [], articles: [] })
  })

  const unusualSearches = [
    '\u00ad',
    '\u0301',
    'a\u200b',
    "'",
    '"',
    '\\',
    '\\\\',
    "'; drop table tickets; --",
    'a & b | !c',
    '!',
    '!!!',
    '(((',
    ')',
    ':*',
    'a:*',
    'a:A',
    '<->',
    'a <-> b',
    '<1>',
    '&',
    '|',
    '-',
    '--',
    '-"',
    '"-',
    '%',
    '_',
    '*',
    '?',
    '~',
    '`',
    '$1',
    '${x}',
    '{{x}}',
    '<script>',
    '</mark>',
    'or',
    'or or or',
    'a or',
    'or a',
    '-a -b',
    '"a" -"b"',
    'status:',
    ':',
    '::',
    'a:b:c',
    'tag:"',
    "tag:'",
    'assignee:%',
    'assignee:_',
    'assignee:\\',
    'requester:"\' & |"',
    'author:!!!',
    "category:'",
    'is:open is:closed',
    'before:0001-01-01',
    'after:9999-12-31',
    '🔥',
    '👩‍💻',
    '\u200b',
    '\u202e',
    '\ufeff',
    'e\u0301',
    '\u0301\u0301',
    'ﷺ'.repeat(200),
    '登'.repeat(200),
    'ก'.repeat(200),
    'a '.repeat(100),
    'a or '.repeat(40),
    '-a '.repeat(66),
    '"a" '.repeat(50),
    'sev:1 '.repeat(33),
    '𓀀'.repeat(100),
    '\t\n',
    '0',
    '00',
    '-1',
    '1e9',
    '999999999',
    '9999999999',
    '0x1f',
    '½',
    'İ',
    'ß',
    'ǅ',
    '\u1e9e'
  ]
  test.each(unusualSearches)('the search %j answers 200 in search, list and counts', async q => {
    const answers = [
      await search(acme, q),
      await api(bob, 'GET', `/teams/${acme.id}/tickets?page=1&q=${encodeURIComponent(q)}`),
      await api(bob, 'GET', `/teams/${acme.id}/tickets/counts?q=${encodeURIComponent(q)}`)
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  })

  test('a search with invalid UTF-8 causes no server error', async () => {
    for (const q of ['%ED%A0%80', '%FF', '%C3%28', '%F0%9F']) {
      for (const path of ['search?q=', 'tickets?q='])
        expect((await api(bob, 'GET', `/teams/${acme.id}/${path}${q}`)).status, q).toBeLessThan(500)
    }
  })
})

test("days in a search are days of the team's time zone", async () => {
  const team = await newTeam()
  await database()`update public.teams set time_zone = 'Asia/Tokyo' where id = ${team.id}`
  await database()`update public.tickets set created_at = '2026-01-01T15:30:00Z' where id = ${team.tickets.bobs}`
  await database()`update public.tickets set created_at = '2026-01-01T14:30:00Z' where id = ${team.tickets.unassigned}`
  expect(numbers(await search(team, 'after:2026-01-02 before:2026-01-03'))).toEqual([1])
  expect(numbers(await search(team, 'before:2026-01-02'))).toEqual([2])
  const { body } = await api<Ticket[]>(bob, 'GET', `/teams/${team.id}/tickets?created_from=2026-01-02&created_to=2026-01-03`)
  expect(body.map(({ ticket_number }) => ticket_number)).toEqual([1])
})

test('an internal note is found by members of every role and by nobody else', async () => {
  const team = await newTeam()
  await reply(team, 'The confidential cassowary', true)
  for (const person of [ann, bob, vera]) expect((await search(team, 'cassowary', person)).body.replies).toHaveLength(1)
  expectError(await search(team, 'cassowary', dan), 404)
})

describe('articles', () => {
  test('that are published are found by words of their texts, with their audience; drafts and a search with operators find none', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/articles`
    const write = async (title: string, content: string) =>
      (await api<{ id: string }>(ann, 'POST', path, { title, content, audience: 'clients' })).body.id
    const published = await write('Where the quokka sleeps', 'The <b>quokka</b> sleeps in a tree.')
    await api(ann, 'PUT', `${path}/${published}/publications/en`, { version: 1 })
    await write('Another quokka', 'A draft about a quokka.')
    for (const person of [ann, vera])
      expect((await search(team, 'quokka tree', person)).body.articles, person.name).toEqual([
        {
          id: published,
          locale: 'en',
          title: 'Where the <mark>quokka</mark> sleeps',
          audience: 'clients',
          rank: expect.any(Number) as number,
          snippet: 'The &lt;b&gt;<mark>quokka</mark>&lt;/b&gt; sleeps in a <mark>tree</mark>.'
        }
      ])
    for (const q of ['quokka status:open', '-printer quokka', 'status:open', 'zebra lion okapi quokka'])
      expect((await search(team, q)).body.articles, q).toEqual([])
  })
})

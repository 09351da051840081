import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { permissions, scopes, scopesAllow, type Permission, type Scope } from '#shared/permissions'
import type { ApiKey, BulkAnswer, IssuedApiKey, Member, Notification, Ticket } from '#shared/types/api'
import type { TicketEvent } from '#shared/schemas/event'
import { api, apiWithKey, readTeamRows, database, expectError, createKey, newTeam, rawRequest, signIn } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights, buildRequest, rights } from '../support/routes.ts'
import { acme, adam, ann, bob, dan, initech, ivan, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('api-keys')

const keyPattern = /^sk_[\w-]{43}$/
const tickets = (team: { id: string }) => `/teams/${team.id}/tickets`

describe('API keys', () => {
  test('an API key is shown in full only when it is created, and lists show its prefix', async () => {
    const team = await newTeam()
    const {
      status,
      body: { key, ...shown }
    } = await api<IssuedApiKey>(ann, 'POST', `/teams/${team.id}/api-keys`, {
      name: 'n8n',
      scopes: ['read', 'write'],
      user_id: bob.id,
      expires_at: '2090-01-01T00:00:00Z'
    })
    expect(status).toBe(201)
    expect(key).toMatch(keyPattern)
    expect(shown).toEqual({
      id: expect.any(String) as string,
      name: 'n8n',
      prefix: key.slice(0, 11),
      scopes: ['read', 'write'],
      member: { id: bob.id, full_name: bob.name, avatar_url: null, kind: 'person', role: 'member' },
      created_by: ann.name,
      last_used_at: null,
      created_at: expect.any(String) as string,
      expires_at: '2090-01-01T00:00:00Z'
    })
    const listed = await api<ApiKey[]>(adam, 'GET', `/teams/${team.id}/api-keys`)
    expect(listed.body[0]).toEqual(shown)
    expect(JSON.stringify(listed.body)).not.toContain(key.slice(11))
    expect((await apiWithKey(key, 'GET', tickets(team))).status).toBe(200)
    expect((await api<ApiKey[]>(bob, 'GET', `/teams/${team.id}/api-keys`)).body[0]!.last_used_at).not.toBeNull()
    const stored =
      JSON.stringify(await database()`select * from public.api_keys where id = ${shown.id}`) +
      JSON.stringify(await database()`select * from public.ticket_events where team_id = ${team.id} and type like 'api_key%'`)
    expect(stored).not.toContain(key.slice(11))
    expect(readFileSync(product().serverLog, 'utf8')).not.toContain(key.slice(11))
  })

  test('members see and revoke only their own API keys, and admins see all', async () => {
    const team = await newTeam()
    await createKey(team, vera, ['read'])
    expect((await api<ApiKey[]>(bob, 'GET', `/teams/${team.id}/api-keys`)).body.map(({ member }) => member.id)).toEqual([bob.id])
    expect((await api<ApiKey[]>(adam, 'GET', `/teams/${team.id}/api-keys`)).body).toHaveLength(2)
    expectError(await api(vera, 'DELETE', `/teams/${team.id}/api-keys/${team.apiKey}`), 404)
  })

  test('rotating an API key revokes the old secret immediately', async () => {
    const team = await newTeam()
    const { body: made } = await api<IssuedApiKey>(ann, 'POST', `/teams/${team.id}/api-keys`, { name: 'n8n', scopes: ['read'] })
    const { body: rotated } = await api<IssuedApiKey>(ann, 'POST', `/teams/${team.id}/api-keys/${made.id}/rotate`)
    expect(rotated).toMatchObject({ id: made.id, name: 'n8n', scopes: ['read'] })
    expect(rotated.key).not.toBe(made.key)
    expectError(await apiWithKey(made.key, 'GET', tickets(team)), 401, 'unknown_key')
    expect((await apiWithKey(rotated.key, 'GET', tickets(team))).status).toBe(200)
  })

  test('an expired API key cannot be rotated', async () => {
    const team = await newTeam()
    const {
      body: { id }
    } = await api<IssuedApiKey>(ann, 'POST', `/teams/${team.id}/api-keys`, {
      name: 'n8n',
      scopes: ['read'],
      expires_at: '2090-01-01T00:00:00Z'
    })
    await database()`update public.api_keys set expires_at = now() where id = ${id}`
    const [before] = await database()`select prefix from public.api_keys where id = ${id}`
    expect(expectError(await api(ann, 'POST', `/teams/${team.id}/api-keys/${id}/rotate`), 422, 'expired').message).toBe(
      'This key has expired; create another'
    )
    expect(await database()`select prefix from public.api_keys where id = ${id}`).toEqual([before])
  })

  test('an API key cannot be created with an expiry in the past', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    const error = expectError(
      await api(ann, 'POST', `/teams/${team.id}/api-keys`, { name: 'n8n', scopes: ['read'], expires_at: '2001-01-01T00:00:00Z' }),
      400,
      'invalid'
    )
    expect(error.data.issues!.map(({ path }) => path)).toEqual(['expires_at'])
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('an API key stops working as soon as it is revoked, expires, or its member is removed', async () => {
    const team = await newTeam()
    const key = async (as: string) =>
      (await api<IssuedApiKey>(ann, 'POST', `/teams/${team.id}/api-keys`, { name: 'n8n', scopes: ['read'], user_id: as })).body
    const [revoked, orphaned, expired] = [await key(bob.id), await key(vera.id), await key(bob.id)]
    for (const { key } of [revoked, orphaned, expired]) expect((await apiWithKey(key, 'GET', tickets(team))).status).toBe(200)
    await api(bob, 'DELETE', `/teams/${team.id}/api-keys/${revoked.id}`)
    await api(ann, 'DELETE', `/teams/${team.id}/members/${vera.id}`)
    await database()`update public.api_keys set expires_at = now() where id = ${expired.id}`
    for (const { key } of [revoked, orphaned, expired]) expectError(await apiWithKey(key, 'GET', tickets(team)), 401, 'unknown_key')
  })
})

describe('service agents', () => {
  test('a service agent is a member with a name, a role and no address, and works through its API key', async () => {
    const team = await newTeam()
    const {
      body: { key, member }
    } = await api<IssuedApiKey>(ann, 'POST', `/teams/${team.id}/api-keys`, { name: 'n8n', scopes: ['read', 'write'] })
    expect(member).toMatchObject({ full_name: 'n8n', kind: 'service', role: 'member' })
    const { body: members } = await api<Member[]>(ann, 'GET', `/teams/${team.id}/members`)
    expect(members.find(({ id }) => id === member.id)).toMatchObject({ kind: 'service', email: null, role: 'member' })
    expect(members.find(({ id }) => id === bob.id)).toMatchObject({ kind: 'person', email: bob.email })
    const { status, body: ticket } = await apiWithKey<Ticket>(key, 'POST', tickets(team), { subject: 'By a program', description: 'x' })
    expect(status).toBe(201)
    expect(ticket).toMatchObject({ created_by: member.id, channel: 'api' })
    const [event] =
      await database()`select actor_id, channel from public.ticket_events where ticket_id = ${ticket.id} and type = 'ticket.created'`
    expect(event).toEqual({ actor_id: member.id, channel: 'api' })
    expectError(await api(ann, 'PATCH', `/teams/${team.id}/members/${member.id}`, { role: 'admin' }), 422, 'service_role')
    expect((await api(ann, 'DELETE', `/teams/${team.id}/members/${member.id}`)).status).toBe(204)
    expectError(await apiWithKey(key, 'GET', tickets(team)), 401, 'unknown_key')
    expect((await api<Ticket>(ann, 'GET', `${tickets(team)}/${ticket.id}`)).status).toBe(200)
  })
})

describe('an API key that acts as Bob', () => {
  test('Bob is notified of an API key that acts as him, events name the key, and it cannot read his personal data', async () => {
    const team = await newTeam()
    const ticket = `${tickets(team)}/${team.tickets.bobs}`
    const {
      body: { key, id }
    } = await api<IssuedApiKey>(ann, 'POST', `/teams/${team.id}/api-keys`, { name: 'n8n', scopes: ['write'], user_id: bob.id })
    await api(bob, 'PUT', `${ticket}/draft`, { content: 'Not for anybody' })

    for (const [method, path, body] of [
      ['GET', `${ticket}/draft`],
      ['PUT', `${ticket}/draft`, { content: 'x' }],
      ['GET', `/teams/${team.id}/drafts`],
      ['GET', `/teams/${team.id}/notifications`],
      ['GET', `/teams/${team.id}/notifications/count`],
      ['GET', `/teams/${team.id}/notification-preferences`],
      ['POST', `/teams/${team.id}/notifications/read`, {}],
      ['PUT', `${ticket}/watch`],
      ['PUT', `${ticket}/read`],
      ['DELETE', `${ticket}/read`],
      ['POST', `/teams/${team.id}/saved-views`, { name: 'x', filters: {} }]
    ] as [string, string, unknown?][])
      expectError(await apiWithKey(key, method, path, body), 403, 'scope')
    expect((await apiWithKey<{ id: string }[]>(key, 'GET', `/teams/${team.id}/saved-views`)).body.map(view => view.id)).toEqual([
      team.views.shared
    ])

    expect((await apiWithKey(key, 'POST', `${ticket}/replies`, { content: 'Not for anybody' })).status).toBe(201)
    expect((await api<{ content: string }>(bob, 'GET', `${ticket}/draft`)).body.content).toBe('Not for anybody')

    const actor = { id: bob.id, name: bob.name, api_key: { id, name: 'n8n', created_by: { id: ann.id, full_name: ann.name } } }
    for (const path of [`${ticket}/audit`, `/teams/${team.id}/audit`]) {
      const { body } = await api<TicketEvent[]>(ann, 'GET', `${path}?type=reply.created`)
      expect(body[0]).toMatchObject({ actor, channel: 'api' })
    }
    const { body: csv } = await api<string>(ann, 'GET', `/teams/${team.id}/export/audit.csv?type=reply.created`)
    expect(csv).toContain(`n8n (made by ${ann.name}) for ${bob.name}`)

    // Bob is notified of the key, and of the reply that was written in his name on his own ticket.
    const received = async () =>
      (await api<Notification[]>(bob, 'GET', `/teams/${team.id}/notifications`)).body.map(({ kind, actor, via, text }) => ({
        kind,
        actor: actor?.full_name,
        via,
        text
      }))
    await expect.poll(received, { timeout: 15_000 }).toEqual([
      { kind: 'replied', actor: bob.name, via: `n8n (made by ${ann.name})`, text: null },
      { kind: 'api_key', actor: ann.name, via: undefined, text: 'made the API key "n8n", which acts as you' }
    ])
    await api(adam, 'POST', `/teams/${team.id}/api-keys/${id}/rotate`)
    await expect
      .poll(async () => (await received())[0], { timeout: 15_000 })
      .toEqual({ kind: 'api_key', actor: adam.name, via: undefined, text: 'rotated the API key "n8n", which acts as you' })
    // Mails go to Bob, to Ann, who created the key, and to Adam, who rotated it.
    const mailed = await database()<
      { recipient: string }[]
    >`select distinct recipient from public.mails where team_id = ${team.id} and data -> 'events' @> '[{"notice": "api_key"}]' order by 1`
    expect(mailed.map(({ recipient }) => recipient)).toEqual([adam.email, ann.email, bob.email])
    expectError(
      await api(bob, 'PUT', `/teams/${team.id}/notification-preferences`, {
        preferences: [{ kind: 'api_key', in_app: false, mail: false }]
      }),
      400
    )
  })
})

describe('scopes of a new API key', () => {
  test.each([
    [{ scopes: ['assign'] }, /requires the scope write/],
    [{ scopes: ['read', 'write', 'assign'], role: 'viewer' }, /does not allow anything in the scope assign/],
    [{ scopes: ['export'], role: 'viewer' }, /does not allow anything in the scope export/],
    [{ scopes: ['write', 'assign'], user_id: bob.id }, /does not allow anything in the scope assign/]
  ])('creating an API key with %j is refused and leaves no service agent', async (body, message) => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    expect(expectError(await api(ann, 'POST', `/teams/${team.id}/api-keys`, { name: 'n8n', ...body }), 422, 'scopes').message).toMatch(
      message
    )
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('an admin can give a service agent the scope assign, and an agent without it cannot assign', async () => {
    const team = await newTeam()
    const {
      status,
      body: { key }
    } = await api<IssuedApiKey>(adam, 'POST', `/teams/${team.id}/api-keys`, { name: 'n8n', scopes: ['write', 'assign'] })
    expect(status).toBe(201)
    expect(
      (await apiWithKey<Ticket>(key, 'POST', tickets(team), { subject: 'x', description: 'x', assigned_to: bob.id })).body.assigned_to
    ).toBe(bob.id)
    expect(
      (await apiWithKey<Ticket>(key, 'PATCH', `${tickets(team)}/${team.tickets.unassigned}`, { assigned_to: ann.id })).body.assigned_to
    ).toBe(ann.id)
    expect(
      (await apiWithKey(key, 'POST', `${tickets(team)}/bulk`, { ids: [team.tickets.bobs], action: 'reassign', value: null })).status
    ).toBe(200)
    const { body: plain } = await api<IssuedApiKey>(ann, 'POST', `/teams/${team.id}/api-keys`, { name: 'plain', scopes: ['write'] })
    expectError(await apiWithKey(plain.key, 'PATCH', `${tickets(team)}/${team.tickets.unassigned}`, { assigned_to: bob.id }), 403, 'scope')
  })
})

describe('authentication by API key', () => {
  let shared: Promise<TeamWorld> | undefined

  test('a request with both an API key and a session is refused, whether the session is valid or not', async () => {
    const team = await (shared ??= newTeam())
    const key = await createKey(team, bob, ['read'])
    const token = await signIn(ann)
    const cookie = `sb-switchboard-auth=base64-${Buffer.from(JSON.stringify({ access_token: token })).toString('base64url')}`
    const sessions: Record<string, string>[] = [
      { authorization: `Bearer ${token}` },
      { authorization: 'Bearer x' },
      { cookie },
      { cookie: 'sb-switchboard-auth.0=x' }
    ]
    for (const headers of sessions) {
      expectError(await apiWithKey(key, 'GET', tickets(team), undefined, { headers }), 400, 'two_identities')
    }
    expect((await apiWithKey(key, 'GET', tickets(team), undefined, { headers: { cookie: 'theme=dark' } })).status).toBe(200)
  })

  test('a malformed API key answers 401, and so does a key outside the x-api-key header', async () => {
    const team = await (shared ??= newTeam())
    const key = await createKey(team, bob, ['read'])
    const others = [
      key.slice(0, 11),
      key.toUpperCase(),
      key.toLowerCase(),
      `${key}x`,
      key.slice(0, -1),
      key.slice(3),
      ` ${key.slice(1)}`,
      '',
      'x'.repeat(10_000),
      `${key}, ${key}`,
      `Bearer ${key}`,
      'sk_'.padEnd(46, '%'),
      `sk_${'A'.repeat(43)}`
    ]
    for (const other of others) expectError(await apiWithKey(other, 'GET', tickets(team)), 401, 'unknown_key')
    expectError(await api(null, 'GET', `${tickets(team)}?x-api-key=${key}`), 401, 'signed_out')
    expectError(await api(null, 'GET', `${tickets(team)}?api_key=${key}`), 401, 'signed_out')
    expectError(await api(null, 'GET', tickets(team), undefined, { headers: { authorization: `Bearer ${key}` } }), 401, 'signed_out')
    expectError(await api(null, 'GET', tickets(team), undefined, { headers: { cookie: `x-api-key=${key}` } }), 401, 'signed_out')
  })

  test('an API key works only in its own team, even if its member belongs to other teams', async () => {
    const [own, other] = [await (shared ??= newTeam()), await newTeam()]
    const key = await createKey(own, ann, ['read', 'write', 'assign', 'export'])
    for (const id of [other.id, initech.id, acme.id]) {
      const answer = await apiWithKey(key, 'GET', `/teams/${id}/tickets`)
      expectError(answer, 404, 'not_found')
    }
    expectError(await apiWithKey(key, 'GET', `${tickets(own)}/${other.tickets.bobs}`), 404)
  })

  test.each([
    'GET /profile',
    'PATCH /profile',
    'GET /teams',
    'POST /teams',
    `GET /avatars/${bob.id}`,
    `POST /invitations/${'x'.repeat(43)}/accept`
  ])('an API key cannot call %s', async route => {
    const team = await (shared ??= newTeam())
    const key = await createKey(team, ann, ['read', 'write', 'assign', 'export'])
    const [method, path] = route.split(' ') as [string, string]
    expectError(await apiWithKey(key, method, path, method === 'GET' ? undefined : {}), 403, 'api_key')
  })

  test('an API key cannot manage keys, members, invitations or the team, even if it acts as an owner', async () => {
    const team = await newTeam()
    const key = await createKey(team, ann, ['read', 'write', 'assign', 'export'])
    const before = await readTeamRows(team.id)
    const attempts: [string, string, unknown?][] = [
      ['GET', '/api-keys'],
      ['POST', '/api-keys', { name: 'x', scopes: ['write'] }],
      ['DELETE', `/api-keys/${team.apiKey}`],
      ['POST', `/api-keys/${team.apiKey}/rotate`],
      ['PATCH', '', { name: 'x' }],
      ['DELETE', ''],
      ['PATCH', `/members/${vera.id}`, { role: 'admin' }],
      ['DELETE', `/members/${vera.id}`],
      ['DELETE', '/members/me'],
      ['GET', '/invitations'],
      ['POST', '/invitations', { email: 'x@x.test' }]
    ]
    for (const [method, path, body] of attempts) expectError(await apiWithKey(key, method, `/teams/${team.id}${path}`, body), 403)
    expect((await readTeamRows(team.id)).replace(/"last_used_at": "[^"]*"/g, '"last_used_at": null')).toBe(before)
  })
})

describe('limits of an API key', () => {
  test('assigning without the scope assign answers "scope" if the role allows it and "forbidden" if it does not', async () => {
    const team = await newTeam()
    const [anns, bobs] = [await createKey(team, ann, ['write']), await createKey(team, bob, ['write'])]
    const requests: [string, string, unknown][] = [
      ['POST', tickets(team), { subject: 'x', description: 'x', assigned_to: bob.id }],
      ['PATCH', `${tickets(team)}/${team.tickets.unassigned}`, { assigned_to: bob.id }],
      ['POST', `${tickets(team)}/bulk`, { ids: [team.tickets.unassigned], action: 'reassign', value: bob.id }]
    ]
    for (const [method, path, body] of requests) {
      expect(expectError(await apiWithKey(anns, method, path, body), 403, 'scope').message, path).toBe(
        'The scopes of this API key do not allow this'
      )
      expect(expectError(await apiWithKey(bobs, method, path, body), 403, 'forbidden').message, path).toMatch(/^Your role does not allow /)
    }
  })

  test('an API key cannot undo a bulk operation of its member or of another key of that member', async () => {
    const team = await newTeam()
    const change = { ids: [team.tickets.unassigned], action: 'reassign', value: bob.id }
    const [first, second] = [await createKey(team, ann, ['write', 'assign']), await createKey(team, ann, ['write', 'assign'])]
    const anns = (await api<BulkAnswer>(ann, 'POST', `${tickets(team)}/bulk`, change)).body.operation_id
    const firsts = (await apiWithKey<BulkAnswer>(first, 'POST', `${tickets(team)}/bulk`, { ...change, value: null })).body.operation_id
    const undo = (key: string, id: string) => apiWithKey(key, 'POST', `/teams/${team.id}/operations/${id}/undo`)
    for (const [key, id] of [
      [first, anns],
      [second, anns],
      [second, firsts]
    ] as const)
      expectError(await undo(key, id), 404, 'not_found')
    expect((await undo(first, firsts)).status).toBe(200)
  })
})

describe('scopes of an API key of Bob, a member, on every route', () => {
  function sourceOf(route: string): string {
    const [method, path] = route.split(' ') as [string, string]
    return [`server/api${path}.${method.toLowerCase()}.ts`, `server/api${path}/index.${method.toLowerCase()}.ts`]
      .map(file => {
        try {
          return readFileSync(file, 'utf8')
        } catch (error) {
          if ((error as { code?: string }).code === 'ENOENT') return ''
          throw error
        }
      })
      .join('')
  }

  /** The permission that a route requires; undefined for routes outside a team. */
  function permissionOf(route: string): Permission | undefined {
    return /authUser\(event, '([\w.]+)'\)/.exec(sourceOf(route))?.[1] as Permission | undefined
  }

  let shared: Promise<TeamWorld> | undefined
  const all = Object.values(rights).flat()

  test('every route of a team requires a permission that shared/permissions.ts lists', () => {
    for (const { route } of all) if (route.includes('[teamId]')) expect(Object.keys(permissions), route).toContain(permissionOf(route))
  })

  for (const right of all) {
    const permission = permissionOf(right.route)
    const isIn = (scope: Scope) => permission !== undefined && scopesAllow([scope], permission)
    const mayDo = (scope: Scope) => right.key === 'read' || right.key === scope
    const request = (key: string, team: TeamWorld) => {
      const { method, path } = buildRequest(right, team)
      return apiWithKey(key, method, path, right.body?.(team))
    }

    for (const scope of scopes.filter(mayDo)) {
      test(`a key with the scope ${scope} ${right.does}: ${right.route}`, async () => {
        const team = await (right.route.startsWith('GET') ? (shared ??= newTeam()) : newTeam())
        const answer = await request(await createKey(team, bob, [scope]), team)
        expect(answer.status, JSON.stringify(answer.body)).toBe(right.status)
      })
    }

    const others = scopes.filter(scope => !mayDo(scope))
    if (others.length > 0)
      test(`the scopes ${others.join(', ')} do not grant ${right.route} (${right.does})`, async () => {
        const team = await (shared ??= newTeam())
        const keys = await Promise.all(others.map(scope => createKey(team, bob, [scope])))
        const contents = async () => (await readTeamRows(team.id)).replace(/^.*"key_hash".*\n?/gm, '')
        const before = await contents()
        // Open routes: the token in the path is the permission, or none is needed.
        const isOpen = !/await (authUser|requireUser)\(event/.test(sourceOf(right.route))
        await Promise.all(
          others.map(async (scope, index) => {
            const answer = await request(keys[index]!, team)
            if (isOpen) return expect(answer.status, scope).toBe(right.refusals?.['a member'] ?? right.status)
            const expected = isIn(scope) ? (right.refusals?.['a member'] ?? (right.isPersonal ? 404 : 403)) : 403
            expect(answer.status, `${scope}: ${JSON.stringify(answer.body)}`).toBe(expected)
            expectError(answer, expected)
          })
        )
        if (!isOpen) expect(await contents()).toBe(before)
      })
  }

  test('the key of an admin assigns with the scopes assign and write together, not with either alone', async () => {
    const team = await newTeam()
    const assign = async (...granted: Scope[]) =>
      (
        await apiWithKey(await createKey(team, adam, granted), 'PATCH', `${tickets(team)}/${team.tickets.unassigned}`, {
          assigned_to: bob.id
        })
      ).status
    expect(await assign('write')).toBe(403)
    expect(await assign('assign')).toBe(403)
    expect(await assign('write', 'assign')).toBe(200)
  })

  test('a key without the scope write cannot write, even where a policy would allow it', async () => {
    const team = await newTeam()
    const key = await createKey(team, ann, ['read', 'assign'])
    expectError(await apiWithKey(key, 'POST', `${tickets(team)}/${team.tickets.bobs}/replies`, { content: 'x' }), 403)
    expect((await apiWithKey(key, 'GET', tickets(team))).status).toBe(200)
  })
})

describe('rate limits of API keys', () => {
  test('every answer states the rate limit of its API key, and an exhausted key answers 429', async () => {
    const team = await newTeam()
    const key = await createKey(team, bob, ['read'])
    const first = await apiWithKey(key, 'GET', `/teams/${team.id}`)
    expect(
      Object.fromEntries(['limit', 'remaining', 'reset', 'policy'].map(name => [name, first.headers.get(`ratelimit-${name}`)]))
    ).toEqual({ limit: '100', remaining: '99', reset: '1', policy: '600;w=60;burst=100' })
    const missing = await apiWithKey(key, 'GET', `${tickets(team)}/${initech.tickets.dans}`)
    expectError(missing, 404)
    expect(Number(missing.headers.get('ratelimit-remaining'))).toBeGreaterThan(90)
    // Full again in 20 s: with a burst of 100 and a refill of 10 a second, the next request is allowed in 10 s.
    await database()`update private.api_key_allowances set whole_at = now() + interval '20 seconds' where key_id = (select id from public.api_keys where team_id = ${team.id} and prefix = ${key.slice(0, 11)})`
    const refused = await apiWithKey(key, 'GET', `/teams/${team.id}`)
    expectError(refused, 429, 'rate_limited')
    expect(refused.headers.get('ratelimit-remaining')).toBe('0')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(9)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(11)
    expect((await apiWithKey(await createKey(team, bob, ['read']), 'GET', `/teams/${team.id}`)).status).toBe(200)
  })

  test('of 150 concurrent requests of one key at least 100 are served, and the rest answer 429 with Retry-After', async () => {
    const team = await newTeam()
    const key = await createKey(team, bob, ['read'])
    const answers = await Promise.all(Array.from({ length: 150 }, () => apiWithKey(key, 'GET', `/teams/${team.id}`)))
    const statuses = answers.map(({ status }) => status)
    const served = statuses.filter(status => status === 200).length
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
    expect(served).toBeGreaterThanOrEqual(100)
    expect(answers.filter(({ status }) => status === 429).every(({ headers }) => Number(headers.get('retry-after')) >= 1)).toBe(true)
  })

  test('the lookup of an unknown API key is cached for five seconds', async () => {
    const team = await newTeam()
    const requestWithUnknownKey = () =>
      rawRequest('GET', `/api${tickets(team)}`, { 'x-api-key': `sk_${team.id.replaceAll('-', '').padEnd(43, 'x')}` }, '127.0.0.78')
    expect((await requestWithUnknownKey()).status).toBe(401)
    await database().begin(async sql => {
      await sql`lock table api_keys in access exclusive mode`
      expect((await requestWithUnknownKey()).status).toBe(401)
    })
  })

  test('1,000 wrong API keys from one address are throttled, and valid keys and sessions still work from there', async () => {
    const team = await newTeam()
    const key = await createKey(team, bob, ['read'])
    // An address of its own, so that the throttle does not affect other tests.
    const from = '127.0.0.77'
    const statuses: number[] = []
    for (let round = 0; round < 40; round++) {
      const answers = await Promise.all(
        Array.from({ length: 25 }, (_, number) =>
          rawRequest('GET', `/api${tickets(team)}`, { 'x-api-key': `sk_${String(round * 25 + number).padStart(43, 'x')}` }, from)
        )
      )
      statuses.push(...answers.map(({ status }) => status))
    }
    expect(statuses.filter(status => status === 401)).toHaveLength(60)
    expect(statuses.filter(status => status === 429)).toHaveLength(940)
    const refused = await rawRequest('GET', `/api${tickets(team)}`, { 'x-api-key': 'wrong' }, from)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await rawRequest('GET', `/api${tickets(team)}`, { 'x-api-key': key }, from)).status).toBe(200)
    expect((await rawRequest('GET', `/api${tickets(team)}`, { authorization: `Bearer ${await signIn(bob)}` }, from)).status).toBe(200)
  })
})

test("people of another team cannot list a team's API keys", async () => {
  const team = await newTeam()
  for (const stranger of [ivan, dan]) expectError(await api(stranger, 'GET', `/teams/${team.id}/api-keys`), 404)
})

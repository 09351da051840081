import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Invitation, InvitationPreview, Team } from '#shared/types/api'
import { api, auth, database, expectError, newTeam } from '../support/api.ts'
import { readInvitationToken, mailsTo, newAddress, readConfirmationToken } from '../support/mail.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, dan, ivan, password, type TeamWorld } from '../support/world.ts'

describeRouteRights('invitations')

const invite = (team: TeamWorld, email: string, role = 'member', by = ann) =>
  api<Invitation>(by, 'POST', `/teams/${team.id}/invitations`, { email, role })
const accept = (person: { email: string }, token: string) => api<Team>(person, 'POST', `/invitations/${token}/accept`)
const preview = (token: string) => api<InvitationPreview>(null, 'GET', `/invitations/${token}`)

/** A person with a confirmed address and no team. */
async function newPerson(email = newAddress()) {
  const id = randomUUID()
  await database()`insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_user_meta_data) select ${id}, ${email}, encrypted_password, now(), '{"full_name": "Nina New"}' from auth.users where id = ${ann.id}`
  return { id, email }
}

const memberships = (team: TeamWorld, email: string) =>
  database()`select member.role from public.team_members as member join public.profiles as person on person.id = member.user_id where member.team_id = ${team.id} and person.email = ${email.toLowerCase()}`

describe('an invitation', () => {
  test('an invitation brings a person without an account into the team: mail, sign-up, confirmation, acceptance', async () => {
    const team = await newTeam('The Acme "Team" <b>')
    const email = newAddress('newcomer')
    const { status, body } = await invite(team, email.toUpperCase(), 'admin')
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.any(String) as string,
      email,
      role: 'admin',
      invited_by: ann.name,
      created_at: expect.any(String) as string,
      expires_at: expect.any(String) as string
    })
    expect((Date.parse(body.expires_at) - Date.parse(body.created_at)) / 3_600_000).toBeCloseTo(72, 3)
    expect((await api<Invitation[]>(adam, 'GET', `/teams/${team.id}/invitations`)).body).toContainEqual(body)

    const [mail] = await mailsTo(email)
    expect(mail).toMatchObject({ to: [email], subject: `${ann.name} invited you to The Acme "Team" <b> on Switchboard` })
    expect(mail!.html).not.toContain('<b>')
    const token = await readInvitationToken(email)
    expect(mail!.text).toContain(`${product().baseUrl}/invitations/${token}`)
    const seen = await preview(token)
    expect(seen.body).toEqual({ team_name: 'The Acme "Team" <b>', email, role: 'admin', invited_by: ann.name, expires_at: body.expires_at })
    expect(seen.headers.get('cache-control')).toBe('no-store')
    expect(seen.headers.get('referrer-policy')).toBe('no-referrer')

    await auth('/signup', { email, password, data: { full_name: 'Nina New' } })
    const { body: session } = await auth<{ access_token: string }>('/verify', {
      type: 'signup',
      token_hash: await readConfirmationToken(email, 2)
    })
    const joined = await api<Team>(null, 'POST', `/invitations/${token}/accept`, undefined, {
      headers: { authorization: `Bearer ${session.access_token}` }
    })
    expect(joined.body).toMatchObject({ id: team.id, role: 'admin' })
    expect(await memberships(team, email)).toEqual([{ role: 'admin' }])
  })

  test('an invitation can be accepted once and is then no longer listed', async () => {
    const [team, nina] = [await newTeam(), await newPerson()]
    await invite(team, nina.email)
    const token = await readInvitationToken(nina.email)
    expect((await accept(nina, token)).status).toBe(200)
    expectError(await accept(nina, token), 404, 'invitation_invalid')
    expectError(await preview(token), 404)
    expect((await api<Invitation[]>(ann, 'GET', `/teams/${team.id}/invitations`)).body.map(({ email }) => email)).not.toContain(nina.email)
  })

  test('an invitation that is accepted twenty times concurrently creates one member', async () => {
    const [team, nina] = [await newTeam(), await newPerson()]
    await invite(team, nina.email)
    const token = await readInvitationToken(nina.email)
    const answers = await Promise.all(Array.from({ length: 20 }, () => accept(nina, token)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 404)])
    expect(await memberships(team, nina.email)).toHaveLength(1)
  })

  test('an invitation can be accepted only by the owner of the invited address', async () => {
    const team = await newTeam()
    const email = newAddress()
    await invite(team, email)
    const token = await readInvitationToken(email)
    expectError(await accept(dan, token), 403, 'wrong_mailbox')
    expect(await memberships(team, dan.email)).toHaveLength(0)
    expect((await preview(token)).status).toBe(200)
  })

  test('an expired invitation can be neither read nor accepted', async () => {
    const [team, nina] = [await newTeam(), await newPerson()]
    const { body } = await invite(team, nina.email)
    const token = await readInvitationToken(nina.email)
    await database()`update public.team_invitations set expires_at = now() where id = ${body.id}`
    expectError(await preview(token), 404, 'not_found')
    expectError(await accept(nina, token), 404, 'invitation_invalid')
    expect(await memberships(team, nina.email)).toHaveLength(0)
  })

  test('a revoked invitation can be neither read nor accepted', async () => {
    const [team, nina] = [await newTeam(), await newPerson()]
    const { body } = await invite(team, nina.email)
    const token = await readInvitationToken(nina.email)
    expect((await api(adam, 'DELETE', `/teams/${team.id}/invitations/${body.id}`)).status).toBe(204)
    expectError(await preview(token), 404)
    expectError(await accept(nina, token), 404)
    expectError(await api(adam, 'DELETE', `/teams/${team.id}/invitations/${body.id}`), 404)
  })

  test.each(['resend', 'another invitation'])(
    'an invitation sent again by %s gets a new token, and the old token stops working',
    async action => {
      const [team, nina] = [await newTeam(), await newPerson()]
      const { body } = await invite(team, nina.email)
      const first = await readInvitationToken(nina.email)
      await database()`update public.team_invitations set expires_at = now() where id = ${body.id}`
      const again =
        action === 'resend'
          ? await api<Invitation>(adam, 'POST', `/teams/${team.id}/invitations/${body.id}/resend`)
          : await invite(team, nina.email, 'member', adam)
      expect(again.body).toMatchObject({ id: body.id, invited_by: adam.name })
      const second = await readInvitationToken(nina.email, 2)
      expect(second).not.toBe(first)
      expectError(await accept(nina, first), 404)
      expect((await accept(nina, second)).status).toBe(200)
    }
  )

  test('an invitation cannot be accepted once its inviter has lost the right to invite', async () => {
    const [team, nina] = [await newTeam(), await newPerson()]
    await invite(team, nina.email, 'admin', adam)
    const token = await readInvitationToken(nina.email)
    await api(ann, 'PATCH', `/teams/${team.id}/members/${adam.id}`, { role: 'member' })
    expectError(await accept(nina, token), 404, 'invitation_invalid')
    expect(await memberships(team, nina.email)).toHaveLength(0)
  })

  test('an admin cannot resend an invitation for the role of owner', async () => {
    const team = await newTeam()
    const { body } = await invite(team, newAddress(), 'owner')
    expectError(await api(adam, 'POST', `/teams/${team.id}/invitations/${body.id}/resend`), 403, 'forbidden')
  })

  test('a member cannot be invited again', async () => {
    const team = await newTeam()
    expectError(await invite(team, bob.email), 409, 'already_member')
    expectError(await invite(team, ' BOB@acme.test ', 'owner'), 409, 'already_member')
  })

  test('an invitation of another team can be neither revoked nor resent', async () => {
    const team = await newTeam()
    for (const [method, suffix] of [
      ['DELETE', ''],
      ['POST', '/resend']
    ] as const) {
      expectError(await api(ann, method, `/teams/${acme.id}/invitations/${team.invitation}${suffix}`), 404)
      expectError(await api(ivan, method, `/teams/${team.id}/invitations/${team.invitation}${suffix}`), 404)
    }
    expect(await database()`select id from public.team_invitations where id = ${team.invitation}`).toHaveLength(1)
  })

  test('the token of an invitation is only in its mail, and the database stores a digest', async () => {
    const team = await newTeam()
    const email = newAddress()
    const created = await invite(team, email)
    const token = await readInvitationToken(email)
    const list = await api(ann, 'GET', `/teams/${team.id}/invitations`)
    expect(JSON.stringify([created.body, list.body])).not.toContain(token)
    expect(JSON.stringify(created.body)).not.toMatch(/token|hash/)
    const [row] =
      await database()`select to_jsonb(invitation)::text as row, token_hash = extensions.digest(${token}, 'sha256') as hashed from public.team_invitations as invitation where id = ${created.body.id}`
    expect(row!.hashed).toBe(true)
    expect(row!.row).not.toContain(token)
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  })

  test.each([
    'x',
    'null',
    'undefined',
    '%20',
    '%00',
    '[]',
    'a'.repeat(42),
    'a'.repeat(44),
    `${'a'.repeat(42)}%0a`,
    `${'a'.repeat(42)}'`,
    '%27%20or%201=1--',
    'x'.repeat(5_000),
    '..%2f'.repeat(8)
  ])('the malformed invitation token %s answers 404', async token => {
    expectError(await preview(token), 404, 'not_found')
    expectError(await accept(dan, token), 404, 'not_found')
  })

  test.each([
    {},
    { email: '' },
    { email: 'x' },
    { email: 'a@b.test,c@d.test' },
    { email: 'a@b.test\r\nBcc: x@evil.test' },
    { email: '<a@b.test>' },
    { email: '"a b"@c.test' },
    { email: `${'a'.repeat(320)}@b.test` },
    { email: 'a\u0000@b.test' },
    { email: 'a\u200b@b.test' },
    { email: ['a@b.test'] },
    { email: 'a@b.test', role: 'superuser' },
    { email: 'a@b.test', role: 'OWNER' },
    { email: 'a@b.test', token: 'x' },
    { email: 'a@b.test', team_id: acme.id }
  ])('an invitation with %o is refused and not stored', async body => {
    const team = await newTeam()
    expectError(await api(ann, 'POST', `/teams/${team.id}/invitations`, body), 400, 'invalid')
    expect(await database()`select id from public.team_invitations where team_id = ${team.id}`).toHaveLength(1)
  })

  test('an invitation mail shows names of people and teams as text, not as HTML', async () => {
    const team = await newTeam('Evil <img src=x onerror=alert(1)>')
    const email = newAddress()
    await api(ann, 'PATCH', '/profile', { full_name: '"><script>alert(1)</script>' })
    try {
      await invite(team, email)
      const [mail] = await mailsTo(email)
      expect(mail!.html).not.toMatch(/<script|<img/)
      expect(mail!.subject).toBe('"><script>alert(1)</script> invited you to Evil <img src=x onerror=alert(1)> on Switchboard')
    } finally {
      await api(ann, 'PATCH', '/profile', { full_name: ann.name })
    }
  })
})

import { describe, expect, test } from 'vitest'
import type { ReplyAddress, Ticket } from '#shared/types/api'
import { api, expectError, newTeam } from '../support/api.ts'
import { readHeader, mailsTo, newAddress } from '../support/mail.ts'
import { describeRouteRights } from '../support/routes.ts'
import { adam, ann } from '../support/world.ts'

describeRouteRights('reply-address')

describe('a reply address', () => {
  test('a reply address is confirmed by a link in a mail and is then the Reply-To of mails to clients', async () => {
    const team = await newTeam()
    const email = newAddress('help')
    const { body } = await api<ReplyAddress>(ann, 'PUT', `/teams/${team.id}/reply-address`, { email: email.toUpperCase() })
    expect(body).toMatchObject({ email: null, pending_email: email })
    const [mail] = await mailsTo(email)
    expect(mail!.subject).toBe("Receive the answers of a team's clients?")
    const token = /\/reply-address\/([\w-]{43})/.exec(mail!.text)![1]!
    for (let scan = 0; scan < 3; scan++)
      expect((await api(null, 'GET', `/reply-address/${token}`)).body).toEqual({ team_name: 'Acme', email })
    expect((await api(null, 'POST', `/reply-address/${token}`)).body).toEqual({ team_name: 'Acme', email })
    expectError(await api(null, 'POST', `/reply-address/${token}`), 404)
    expect((await api<ReplyAddress>(adam, 'GET', `/teams/${team.id}/reply-address`)).body).toEqual({
      email,
      pending_email: null,
      pending_until: null
    })
    const client = newAddress('client')
    await api<Ticket>(ann, 'POST', `/teams/${team.id}/tickets`, { subject: 'x', description: 'x', requester_email: client })
    expect(readHeader((await mailsTo(client))[0]!, 'Reply-To')).toBe(email)
    expect((await api(ann, 'DELETE', `/teams/${team.id}/reply-address`)).status).toBe(204)
  })

  test('a reply address that is saved again gets one mail, and the answers are the same', async () => {
    const team = await newTeam()
    const email = newAddress('help')
    const save = () => api<ReplyAddress>(ann, 'PUT', `/teams/${team.id}/reply-address`, { email })
    const answers = [await save(), ...(await Promise.all([save(), save()])), await save()]
    expect(answers.map(({ status, body }) => [status, body.pending_email])).toEqual(Array.from({ length: 4 }, () => [200, email]))
    const [mail, ...others] = await mailsTo(email)
    expect(others).toEqual([])
    const token = /\/reply-address\/([\w-]{43})/.exec(mail!.text)![1]!
    expect((await api(null, 'POST', `/reply-address/${token}`)).status).toBe(200)
  })

  test.each(['', 'x', 'a@b.test, c@d.test', 'a@b.test\r\nBcc: x@evil.test', 'x'.repeat(400)])(
    'the reply address %j is refused',
    async email => {
      const team = await newTeam()
      expectError(await api(ann, 'PUT', `/teams/${team.id}/reply-address`, { email }), 400)
      expect((await api<ReplyAddress>(ann, 'GET', `/teams/${team.id}/reply-address`)).body.pending_email).toBeNull()
    }
  )
})

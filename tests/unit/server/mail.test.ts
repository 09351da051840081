import { once } from 'node:events'
import { domainToASCII, domainToUnicode } from 'node:url'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { simpleParser, type ParsedMail } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, test } from 'vitest'
import { closeMail, configureMail, deliverMail, mailConfigured, mailSender, sendMail, type Message } from '#server/adapters/mail'

const message: Message = {
  to: 'client@mail.test',
  fromName: 'Acme',
  replyTo: null,
  subject: '[#001] Hello',
  text: 'Hello',
  html: '<p>Hello</p>',
  messageId: '<1@desk.test>',
  inReplyTo: '<0@desk.test>',
  references: ['<root@desk.test>', '<0@desk.test>'],
  headers: { 'Auto-Submitted': 'auto-generated', 'Precedence': 'bulk' },
  hasNullSender: false
}
const refusal = (responseCode: number, words = 'No') => Object.assign(new Error(words), { responseCode })

interface Received {
  mail: ParsedMail
  from: string
  to: string[]
}

let server: SMTPServer | undefined

/** A mail server on this machine that does as it is told. */
async function mailServer(options: SMTPServerOptions = {}, mailFrom = 'Switchboard <support@desk.test>'): Promise<Received[]> {
  const received: Received[] = []
  server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, session, done) =>
      void simpleParser(stream).then(mail => {
        received.push({
          mail,
          from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
          to: session.envelope.rcptTo.map(({ address }) => address)
        })
        done()
      }, done),
    ...options
  })
  server.on('error', () => {
    /* connections that the tests break */
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  configureMail({ smtpUrl: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, mailFrom })
  return received
}

afterEach(async () => {
  closeMail()
  configureMail({ smtpUrl: '', mailFrom: '' })
  const closing = server
  server = undefined
  if (closing) await new Promise<void>(resolve => closing.close(() => resolve()))
})

describe('a message', () => {
  test('arrives with its headers, to one address', async () => {
    const received = await mailServer()
    expect(await deliverMail(message)).toEqual({ outcome: 'delivered' })
    const [{ mail, from, to }] = received as [Received]
    expect({ from, to }).toEqual({ from: 'support@desk.test', to: ['client@mail.test'] })
    expect(mail).toMatchObject({
      messageId: '<1@desk.test>',
      inReplyTo: '<0@desk.test>',
      references: ['<root@desk.test>', '<0@desk.test>'],
      subject: '[#001] Hello',
      text: 'Hello',
      html: '<p>Hello</p>'
    })
    expect(mail.from!.value).toEqual([{ name: 'Acme', address: 'support@desk.test' }])
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated')
  })

  test('has no more headers than its own, whatever a name or subject says', async () => {
    const received = await mailServer()
    await deliverMail({
      ...message,
      fromName: 'support@us.test <x@evil.test>\r\nBcc: x@evil.test',
      subject: 'Hello\r\nBcc: x@evil.test\r\n\r\n<script>'
    })
    const [{ mail, to }] = received as [Received]
    expect(to).toEqual(['client@mail.test'])
    expect(mail.bcc).toBeUndefined()
    expect(mail.from!.value.map(({ address }) => address)).toEqual(['support@desk.test'])
    expect(mail.text).toBe('Hello')
  })

  test('of a megabyte arrives as it is, and others have their turn while it is encoded', async () => {
    const chunks: Buffer[] = []
    await mailServer({
      onData: (stream, _, done) => {
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => done())
      }
    })
    const text = `${'Ünïcödé 登录 👩‍👩‍👧 = .\n.line '.repeat(25_000)}end`
    let [total, longest] = [0, 0]
    let cpu = process.threadCpuUsage()
    const measure = () => {
      const { user, system } = process.threadCpuUsage(cpu)
      total += user + system
      longest = Math.max(longest, user + system)
      cpu = process.threadCpuUsage()
      timer = setImmediate(measure)
    }
    let timer = setImmediate(measure)
    expect(await deliverMail({ ...message, text, html: `<pre>${text}</pre>` })).toEqual({ outcome: 'delivered' })
    clearImmediate(timer)
    const mail = await simpleParser(Buffer.concat(chunks))
    expect(mail.text!.replaceAll('\r\n', '\n').trimEnd()).toBe(text)
    expect(mail.html).toContain('<pre>')
    expect(longest, 'microseconds at once').toBeLessThan(total / 10)
  })

  // Nothing of ours sends such a part; what a person wrote must never become one.
  test.each(['text', 'html'] as const)('reads no file and fetches no address for its %s', async part => {
    const received = await mailServer()
    const fetched: string[] = []
    const site = createServer((request, response) => {
      fetched.push(request.url!)
      response.end('from the network')
    }).listen(0, '127.0.0.1')
    await once(site, 'listening')
    try {
      for (const content of [{ path: import.meta.filename }, { href: `http://127.0.0.1:${(site.address() as AddressInfo).port}/secret` }]) {
        const fields = { [part]: content } as unknown as Partial<Message>
        expect(await deliverMail({ ...message, ...fields })).not.toEqual({ outcome: 'delivered' })
        await expect(sendMail({ to: 'client@mail.test', subject: 'x', text: 'x', html: 'x', ...fields })).rejects.toThrow()
      }
    } finally {
      site.close()
    }
    expect(received).toEqual([])
    expect(fetched).toEqual([])
  })

  test('sends answers where it says', async () => {
    const received = await mailServer()
    await deliverMail(message)
    await deliverMail({ ...message, replyTo: 'help@acme.test' })
    expect(received.map(({ mail }) => mail.replyTo?.value.map(({ address }) => address))).toEqual([undefined, ['help@acme.test']])
  })

  test.each(['joe@bücher.example', 'joe@xn--bcher-kva.example', 'joe@例え.テスト'])(
    'goes to %s by the name of its domain in ASCII',
    async address => {
      const received = await mailServer()
      expect(await deliverMail({ ...message, to: address, replyTo: address })).toEqual({ outcome: 'delivered' })
      const [name, domain] = address.split('@') as [string, string]
      // smtp-server shows the envelope in Unicode, as it came in ASCII: it offers no SMTPUTF8.
      expect(received.map(({ to }) => to)).toEqual([[`${name}@${domainToUnicode(domain)}`]])
      for (const header of ['to', 'reply-to'])
        expect(received[0]!.mail.headerLines.find(({ key }) => key === header)!.line).toContain(`${name}@${domainToASCII(domain)}`)
    }
  )

  test('without a sender gets one where the mail server wants it', async () => {
    const received = await mailServer({ onMailFrom: ({ address }, _, done) => done(address ? null : refusal(501, 'Sender required')) })
    expect(await deliverMail({ ...message, hasNullSender: true })).toEqual({ outcome: 'delivered' })
    expect(received.map(({ from }) => from)).toEqual(['support@desk.test'])
  })

  test('is without one otherwise', async () => {
    const received = await mailServer()
    await deliverMail({ ...message, hasNullSender: true })
    expect(received.map(({ from }) => from)).toEqual([''])
  })
})

describe('a mail server', () => {
  const outcomes: [what: string, options: SMTPServerOptions, outcome: string][] = [
    ['that knows no such mailbox', { onRcptTo: (_, __, done) => done(refusal(550)) }, 'refused'],
    ['that finds the message bad', { onData: (stream, _, done) => stream.on('end', () => done(refusal(554))).resume() }, 'refused'],
    ['whose mailbox is full', { onRcptTo: (_, __, done) => done(refusal(452)) }, 'deferred'],
    ['that puts off strangers', { onData: (stream, _, done) => stream.on('end', () => done(refusal(451))).resume() }, 'deferred'],
    ['that is busy', { onConnect: (_, done) => done(refusal(421)) }, 'unreachable'],
    ['that knows no such sender', { onMailFrom: (_, __, done) => done(refusal(550)) }, 'unreachable'],
    [
      'that hangs up before it answers',
      {
        onData: stream => {
          stream.on('end', () => server!.connections.forEach(connection => connection._socket.destroy())).resume()
        }
      },
      'unreachable'
    ]
  ]
  test.each(outcomes)('%s', async (_, options, outcome) => {
    await mailServer(options)
    expect(await deliverMail(message)).toMatchObject({ outcome, reason: expect.any(String) as string })
  })

  test('that is not there', async () => {
    configureMail({ smtpUrl: 'smtp://127.0.0.1:1', mailFrom: 'a@b.test' })
    expect(await deliverMail(message)).toMatchObject({ outcome: 'unreachable' })
  })

  test('has taken one message with each of its answers', async () => {
    const received = await mailServer()
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => deliverMail({ ...message, messageId: `<${n}@desk.test>` })))
    expect(outcomes.every(({ outcome }) => outcome === 'delivered')).toBe(true)
    expect(new Set(received.map(({ mail }) => mail.messageId)).size).toBe(20)
  })
})

test.each([
  ['Switchboard <Support@Desk.test>', { name: 'Switchboard', address: 'support@desk.test' }],
  ['"Acme, Inc." <a@b.test>', { name: 'Acme, Inc.', address: 'a@b.test' }],
  ['a@b.test', { name: '', address: 'a@b.test' }],
  ['<a@b.test>', { name: '', address: 'a@b.test' }]
])('MAIL_FROM %j is understood', (mailFrom, sender) => {
  configureMail({ smtpUrl: '', mailFrom })
  expect(mailSender()).toEqual(sender)
  expect(mailConfigured()).toBe(false)
})

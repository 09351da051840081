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

/** Starts an SMTP server on 127.0.0.1 with `options`, and returns the list of received mails. */
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
    /* the tests break connections */
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

describe('a mail', () => {
  test('a mail arrives with its headers at one address', async () => {
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

  test('line breaks in names or the subject add no headers', async () => {
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

  test('a mail of a megabyte arrives unchanged, and its encoding does not block the event loop', async () => {
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
    expect(longest, 'microseconds of CPU time in one turn of the event loop').toBeLessThan(total / 10)
  })

  // nodemailer accepts such parts. Our code sends none, and user-written text must never become one.
  test.each(['text', 'html'] as const)('a mail is refused when its %s is a file path or a URL', async part => {
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

  test('a mail has a Reply-To header only when one is given', async () => {
    const received = await mailServer()
    await deliverMail(message)
    await deliverMail({ ...message, replyTo: 'help@acme.test' })
    expect(received.map(({ mail }) => mail.replyTo?.value.map(({ address }) => address))).toEqual([undefined, ['help@acme.test']])
  })

  test.each(['joe@bücher.example', 'joe@xn--bcher-kva.example', 'joe@例え.テスト'])(
    'a mail to %s uses the ASCII form of the domain',
    async address => {
      const received = await mailServer()
      expect(await deliverMail({ ...message, to: address, replyTo: address })).toEqual({ outcome: 'delivered' })
      const [name, domain] = address.split('@') as [string, string]
      // smtp-server shows the envelope in Unicode. It came in ASCII, because the server does not offer SMTPUTF8.
      expect(received.map(({ to }) => to)).toEqual([[`${name}@${domainToUnicode(domain)}`]])
      for (const header of ['to', 'reply-to'])
        expect(received[0]!.mail.headerLines.find(({ key }) => key === header)!.line).toContain(`${name}@${domainToASCII(domain)}`)
    }
  )

  test('a mail with a null sender is sent again with a sender when the server requires one', async () => {
    const received = await mailServer({ onMailFrom: ({ address }, _, done) => done(address ? null : refusal(501, 'Sender required')) })
    expect(await deliverMail({ ...message, hasNullSender: true })).toEqual({ outcome: 'delivered' })
    expect(received.map(({ from }) => from)).toEqual(['support@desk.test'])
  })

  test('a mail keeps its null sender when the server accepts it', async () => {
    const received = await mailServer()
    await deliverMail({ ...message, hasNullSender: true })
    expect(received.map(({ from }) => from)).toEqual([''])
  })
})

describe('deliverMail', () => {
  const outcomes: [title: string, options: SMTPServerOptions, outcome: string][] = [
    ['deliverMail answers refused when the mailbox is unknown', { onRcptTo: (_, __, done) => done(refusal(550)) }, 'refused'],
    [
      'deliverMail answers refused when the message is rejected',
      { onData: (stream, _, done) => stream.on('end', () => done(refusal(554))).resume() },
      'refused'
    ],
    ['deliverMail answers deferred when the mailbox is full', { onRcptTo: (_, __, done) => done(refusal(452)) }, 'deferred'],
    [
      'deliverMail answers deferred when the message is greylisted',
      { onData: (stream, _, done) => stream.on('end', () => done(refusal(451))).resume() },
      'deferred'
    ],
    ['deliverMail answers unreachable when the server is busy', { onConnect: (_, done) => done(refusal(421)) }, 'unreachable'],
    ['deliverMail answers unreachable when the sender is rejected', { onMailFrom: (_, __, done) => done(refusal(550)) }, 'unreachable'],
    [
      'deliverMail answers unreachable when the server closes the connection before its answer',
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

  test('deliverMail answers unreachable when no server listens', async () => {
    configureMail({ smtpUrl: 'smtp://127.0.0.1:1', mailFrom: 'a@b.test' })
    expect(await deliverMail(message)).toMatchObject({ outcome: 'unreachable' })
  })

  test('20 parallel mails are delivered once each', async () => {
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
])('mailSender parses MAIL_FROM %j', (mailFrom, sender) => {
  configureMail({ smtpUrl: '', mailFrom })
  expect(mailSender()).toEqual(sender)
  expect(mailConfigured()).toBe(false)
})

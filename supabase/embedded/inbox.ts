import { once } from 'node:events'
import { mkdir, readFile, readdir, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { simpleParser, type AddressObject } from 'mailparser'
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server'
import { isLoopback } from '../../network/address.ts'
import { writePrivateFile } from './secrets.ts'
import { messageListPage, messagePage, notFoundPage } from './inbox-pages.ts'

export type InboxMessage = {
  id: string
  from: string
  to: string[]
  subject: string
  text: string
  html: string | null
  /** As they came, unfolded: "Subject: Hello". Absent from mails that were kept before there was this field. */
  headers?: string[]
  /** ISO 8601, the time of arrival. */
  date: string
}

export type Inbox = {
  /** Where to send mail: `smtp://127.0.0.1:<port>`. */
  smtpUrl: string
  handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void>
  stop(): Promise<void>
}

const maxMessageBytes = 30 * 1024 * 1024
const maxMessages = 2_000
const jsonLimit = 200

/**
 * The mail sink: accepts every message on a loopback SMTP port, keeps it in `directory` (the newest 2,000 survive
 * restarts) and shows it on the pages under /inbox. Nothing is ever delivered further.
 */
export async function startInbox(directory: string): Promise<Inbox> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const messages = await readMessages(directory)

  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: maxMessageBytes,
    logger: false,
    onData(stream, session, done) {
      const recipients = session.envelope.rcptTo.map(recipient => recipient.address)
      keep(stream, recipients).then(
        () => done(),
        error => done(error instanceof Error ? error : new Error(String(error)))
      )
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  // A client that hangs up in mid-session is its own affair.
  server.on('error', () => undefined)

  async function keep(stream: SMTPServerDataStream, recipients: string[]): Promise<void> {
    const mail = await simpleParser(stream, { skipImageLinks: true })
    const date = new Date()
    const message: InboxMessage = {
      id: `${date.getTime()}-${randomBytes(6).toString('hex')}`,
      from: mail.from?.text ?? '',
      to: recipients.length > 0 ? recipients : addresses(mail.to),
      subject: mail.subject ?? '',
      text: mail.text ?? '',
      html: mail.html || null,
      headers: mail.headerLines.map(({ line }) => line.replace(/\r?\n[ \t]*/g, ' ')),
      date: date.toISOString()
    }
    await writePrivateFile(join(directory, `${message.id}.json`), JSON.stringify(message))
    messages.unshift(message)
    for (const old of messages.splice(maxMessages)) await rm(join(directory, `${old.id}.json`), { force: true })
  }

  return {
    smtpUrl: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    handleRequest: async (request, response) => respond(messages, request, response),
    stop: () => new Promise(resolve => server.close(() => resolve()))
  }
}

function addresses(header: AddressObject | AddressObject[] | undefined): string[] {
  return [header ?? []].flat().flatMap(object => object.value.flatMap(entry => entry.address ?? []))
}

async function readMessages(directory: string): Promise<InboxMessage[]> {
  const names = (await readdir(directory))
    .filter(name => name.endsWith('.json'))
    .sort()
    .reverse()
  return Promise.all(
    names.slice(0, maxMessages).map(async name => JSON.parse(await readFile(join(directory, name), 'utf8')) as InboxMessage)
  )
}

// Sign-in links are in here. A foreign name that resolves to this machine must not read them, nor whoever comes through a
// proxy on it: nginx calls with the Host of its upstream, 127.0.0.1, unless told otherwise.
function isFromThisMachine({ headers, socket }: IncomingMessage): boolean {
  const isForwarded = Object.keys(headers).some(name => /^(forwarded|via|x-real-ip|x-forwarded-.*)$/.test(name))
  return isLoopback(socket.remoteAddress ?? '') && !isForwarded && /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(headers.host ?? '')
}

/** GET /inbox, /inbox/<id> (pages) and /inbox/api/messages[?to=address] (JSON, newest first). */
function respond(messages: InboxMessage[], request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  response.setHeader('cache-control', 'no-store')
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  if (!isFromThisMachine(request)) {
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end('The inbox is served under localhost only.\n')
    return
  }
  const to = url.searchParams.get('to')?.trim().toLowerCase()
  const selected = to ? messages.filter(message => message.to.some(address => address.toLowerCase() === to)) : messages
  if (url.pathname === '/inbox/api/messages') {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(selected.slice(0, jsonLimit)))
    return
  }
  const id = /^\/inbox\/([\w-]+)$/.exec(url.pathname)?.[1]
  const message = messages.find(candidate => candidate.id === id)
  const isList = url.pathname === '/inbox' || url.pathname === '/inbox/'
  const page = isList ? messageListPage(selected.slice(0, jsonLimit), to) : message ? messagePage(message) : notFoundPage()
  response
    .writeHead(isList || message ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    })
    .end(page)
}

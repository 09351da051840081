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
  /** Unfolded header lines, such as "Subject: Hello". Older stored mails lack this field. */
  headers?: string[]
  /** Time of arrival, ISO 8601. */
  date: string
}

export type Inbox = {
  /** `smtp://127.0.0.1:<port>` */
  smtpUrl: string
  handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void>
  stop(): Promise<void>
}

const maxMessageBytes = 30 * 1024 * 1024
const maxMessages = 2_000
const maxListedMessages = 200

/**
 * Starts the mail sink: it accepts every message on a loopback SMTP port, stores the newest 2,000 as files in `directory`
 * and shows them on the pages under /inbox. It delivers nothing.
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
      storeMessage(stream, recipients).then(
        () => done(),
        error => done(error instanceof Error ? error : new Error(String(error)))
      )
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  // A client may close its connection in the middle of a session. An unhandled error event would end the process.
  server.on('error', () => undefined)

  async function storeMessage(stream: SMTPServerDataStream, recipients: string[]): Promise<void> {
    const mail = await simpleParser(stream, { skipImageLinks: true })
    const date = new Date()
    const message: InboxMessage = {
      id: `${date.getTime()}-${randomBytes(6).toString('hex')}`,
      from: mail.from?.text ?? '',
      to: recipients.length > 0 ? recipients : listAddresses(mail.to),
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

function listAddresses(header: AddressObject | AddressObject[] | undefined): string[] {
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

// The inbox contains sign-in links. The Host check blocks DNS rebinding. The header check blocks requests through a proxy on
// this machine: by default nginx sends the Host of its upstream, 127.0.0.1.
function isFromThisMachine({ headers, socket }: IncomingMessage): boolean {
  const isForwarded = Object.keys(headers).some(name => /^(forwarded|via|x-real-ip|x-forwarded-.*)$/.test(name))
  return isLoopback(socket.remoteAddress ?? '') && !isForwarded && /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(headers.host ?? '')
}

/** Serves GET /inbox and /inbox/<id> (pages) and /inbox/api/messages[?to=address] (JSON, newest first). */
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
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end('The inbox is available on localhost only.\n')
    return
  }
  const to = url.searchParams.get('to')?.trim().toLowerCase()
  const selected = to ? messages.filter(message => message.to.some(address => address.toLowerCase() === to)) : messages
  if (url.pathname === '/inbox/api/messages') {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(selected.slice(0, maxListedMessages)))
    return
  }
  const id = /^\/inbox\/([\w-]+)$/.exec(url.pathname)?.[1]
  const message = messages.find(candidate => candidate.id === id)
  const isList = url.pathname === '/inbox' || url.pathname === '/inbox/'
  const page = isList ? messageListPage(selected.slice(0, maxListedMessages), to) : message ? messagePage(message) : notFoundPage()
  response
    .writeHead(isList || message ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    })
    .end(page)
}

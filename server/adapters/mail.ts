import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createTransport } from 'nodemailer'

export interface Mail {
  to: string
  subject: string
  text: string
  html: string
}

export interface Message extends Mail {
  /** Replaces the display name of MAIL_FROM; null keeps it. */
  fromName: string | null
  /** Null: MAIL_FROM. */
  replyTo: string | null
  messageId: string
  inReplyTo: string
  references: string[]
  headers: Record<string, string>
  /** An empty envelope sender, so that automatic mails get no bounces (RFC 3834, 3.3). */
  hasNullSender: boolean
}

/** `unreachable`: the server takes no mail at the moment. `deferred`: it refused this mail for now. `refused`: it refused it for good. */
export type Delivery = { outcome: 'delivered' } | { outcome: 'unreachable' | 'deferred' | 'refused'; reason: string }

export interface MailSettings {
  smtpUrl: string
  mailFrom: string
}

interface Sender {
  name: string
  address: string
}

// Without any traffic on the connection.
const smtpTimeoutMs = 10_000
// For one mail, also when the server keeps trickling answers.
const deadlineMs = 40_000

// nodemailer would read { path } and { href } as content from this machine and its network.
const contentGuards = { disableFileAccess: true, disableUrlAccess: true }

let settings: MailSettings = { smtpUrl: '', mailFrom: '' }
let pool: ReturnType<typeof openPool> | undefined

export function configureMail(given: MailSettings): void {
  closeMail()
  settings = given
}

export function mailConfigured(): boolean {
  return Boolean(settings.smtpUrl)
}

/** Name and address of MAIL_FROM. */
export function mailSender(): Sender {
  const [, name, address] = /^\s*"?(.*?)"?\s*<([^<>\s]+)>\s*$/.exec(settings.mailFrom) ?? [null, '', settings.mailFrom.trim()]
  return { name: name!, address: address!.toLowerCase() }
}

/** Sends a mail now. Throws when the SMTP server does not accept it within ten seconds. */
export async function sendMail(mail: Mail): Promise<void> {
  if (!settings.smtpUrl) throw new Error('SMTP_URL is not set')
  await (pool ??= openPool()).sendMail({
    ...mail,
    from: mailSender(),
    to: { name: '', address: mail.to },
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    ...contentGuards,
    signal: AbortSignal.timeout(smtpTimeoutMs)
  })
}

/** Sends a message and returns the outcome. Does not throw. */
export async function deliverMail(message: Message): Promise<Delivery> {
  const delivery = await attempt(message, message.hasNullSender)
  // Some relays refuse the empty sender: try again with MAIL_FROM.
  return message.hasNullSender && delivery.outcome !== 'delivered' && delivery.isSenderRefused ? attempt(message, false) : delivery
}

/** Closes each connection after its current mail. */
export function closeMail(): void {
  pool?.close()
  pool = undefined
}

// maxRequeues 0: nodemailer must not resend after a broken connection, because the outbox counts attempts.
function openPool() {
  return createTransport({
    url: settings.smtpUrl,
    pool: true,
    maxConnections: 5,
    maxMessages: 500,
    maxRequeues: 0,
    idleTimeout: 30_000,
    connectionTimeout: smtpTimeoutMs,
    greetingTimeout: smtpTimeoutMs,
    socketTimeout: smtpTimeoutMs
  })
}

const sliceBytes = 16_000

// nodemailer encodes a string synchronously (200 ms for half a megabyte), but a stream slice by slice.
function asContent(text: string): string | Readable {
  return text.length > sliceBytes ? Readable.from(slicesOf(Buffer.from(text)), { objectMode: false }) : text
}

async function* slicesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    yield bytes.subarray(at, at + sliceBytes)
    await setImmediate()
  }
}

type Attempt = { outcome: 'delivered' } | { outcome: 'unreachable' | 'deferred' | 'refused'; reason: string; isSenderRefused: boolean }

async function attempt(
  { to, subject, text, html, fromName, replyTo, messageId, inReplyTo, references, headers }: Message,
  hasNullSender: boolean
): Promise<Attempt> {
  const sender = mailSender()
  try {
    await (pool ??= openPool()).sendMail({
      from: { name: fromName ?? sender.name, address: sender.address },
      to: { name: '', address: to },
      ...(replyTo && { replyTo: { name: '', address: replyTo } }),
      envelope: { from: hasNullSender ? '' : sender.address, to: [to] },
      subject,
      text: asContent(text),
      html: asContent(html),
      messageId,
      inReplyTo,
      references,
      headers,
      textEncoding: 'quoted-printable',
      ...contentGuards,
      signal: AbortSignal.timeout(deadlineMs)
    })
    return { outcome: 'delivered' }
  } catch (error) {
    return failureOf(error)
  }
}

// RFC 5321: 4yz is transient, 5yz permanent, 421 closes the connection. A refused sender (MAIL FROM) concerns every mail.
function failureOf(error: unknown): Exclude<Attempt, { outcome: 'delivered' }> {
  const {
    message = String(error),
    code,
    command,
    responseCode = 0
  } = Object(error) as { message?: string; code?: string; command?: string; responseCode?: number }
  const isSenderRefused = command === 'MAIL FROM' && responseCode >= 500
  const isRefused =
    (responseCode >= 500 && (command === 'RCPT TO' || command === 'DATA')) ||
    (code === 'EENVELOPE' && responseCode === 0) ||
    code === 'EMESSAGE'
  const isDeferred = responseCode >= 400 && responseCode < 500 && responseCode !== 421 && code !== 'EAUTH'
  return {
    outcome: isDeferred ? 'deferred' : isRefused ? 'refused' : 'unreachable',
    reason: message.replace(/\s+/g, ' ').slice(0, 500),
    isSenderRefused
  }
}

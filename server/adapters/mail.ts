import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createTransport } from 'nodemailer'

export interface Mail {
  to: string
  subject: string
  text: string
  html: string
}

/** A mail with everything that its readers' programs look at. */
export interface Message extends Mail {
  /** Shown before the address of MAIL_FROM, instead of its own name. */
  fromName: string | null
  /** Where answers go; null: to MAIL_FROM. */
  replyTo: string | null
  messageId: string
  inReplyTo: string
  references: string[]
  headers: Record<string, string>
  /** Bounces go to nobody: what answers by itself gets no answer (RFC 3834, 3.3). */
  hasNullSender: boolean
}

/**
 * What became of a mail. `unreachable`: there is no talking to the server, for this mail or any other. `deferred`: it does
 * not want this mail now. `refused`: it never will.
 */
export type Delivery = { outcome: 'delivered' } | { outcome: 'unreachable' | 'deferred' | 'refused'; reason: string }

export interface MailSettings {
  smtpUrl: string
  mailFrom: string
}

interface Sender {
  name: string
  address: string
}

// An inactive connection is given up after the first, a server that trickles its answers after the second.
const smtpTimeoutMs = 10_000
const deadlineMs = 40_000

// A part of a mail is text and nothing else: nodemailer would read { path } and { href } from this machine and its network.
const contentGuards = { disableFileAccess: true, disableUrlAccess: true }

let settings: MailSettings = { smtpUrl: '', mailFrom: '' }
let pool: ReturnType<typeof openPool> | undefined

/** Names the mail server of this process and who writes, before anything is sent. */
export function configureMail(given: MailSettings): void {
  closeMail()
  settings = given
}

/** Whether mails can be sent at all: SMTP_URL is set. */
export function mailConfigured(): boolean {
  return Boolean(settings.smtpUrl)
}

/** Name and address of MAIL_FROM. */
export function mailSender(): Sender {
  const [, name, address] = /^\s*"?(.*?)"?\s*<([^<>\s]+)>\s*$/.exec(settings.mailFrom) ?? [null, '', settings.mailFrom.trim()]
  return { name: name!, address: address!.toLowerCase() }
}

/** Hands a mail to the SMTP server of SMTP_URL. Throws when that does not take it within ten seconds. */
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

/** Hands a message to the SMTP server, and says what became of it. */
export async function deliverMail(message: Message): Promise<Delivery> {
  const delivery = await attempt(message, message.hasNullSender)
  // Many a relay takes mails of its own senders alone.
  return message.hasNullSender && delivery.outcome !== 'delivered' && delivery.isSenderRefused ? attempt(message, false) : delivery
}

/** Closes the connections, each when it has delivered what it is at. */
export function closeMail(): void {
  pool?.close()
  pool = undefined
}

// Never sends again by itself what was on a connection that broke: only who keeps count may.
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

// nodemailer encodes a whole string at once, 200 ms for half a megabyte. A stream it encodes slice by slice.
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

/** RFC 5321: 4yz is for now, 5yz for good, 421 the end of the conversation. What concerns the sender concerns every mail. */
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

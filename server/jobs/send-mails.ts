import type { Kysely } from 'kysely'
import { deliverMail, mailConfigured, mailSender, type Delivery, type Message } from '../adapters/mail'
import { asService } from '../db/identity'
import type { Database, Db } from '../db/types'
import { composeMail, type Composed, type Sites } from '../domain/mail/compose'
import {
  cancelMail,
  claimMail,
  failMail,
  hastenMails,
  nextMailDue,
  postponeMail,
  recordSent,
  removeOldMails,
  type ClaimedMail
} from '../domain/mail/claim'
import type { Job } from './boss'
import { reasonOf } from './error-text'
import type { Worker } from './worker'

/** What hands a message to a mail server. */
export type Deliver = (message: Message) => Promise<Delivery>

// As many connections to the mail server at once; one that does not answer keeps the others from nothing.
const lanes = 4
const longestPauseMs = 60_000

let failures = 0
let pausedUntil = 0

/**
 * Sends all mails that are due until none is left, or `stopping` is aborted. A mail server that cannot be reached is left
 * alone for a second, then for twice as long each time, a minute at most, and then tried with one mail. Answers in how many
 * milliseconds to come again; null where nothing waits.
 */
export async function sendMails(
  stopping: AbortSignal,
  sites: Sites,
  deliver: Deliver = deliverMail,
  on?: Kysely<Database>
): Promise<number | null> {
  const rest = pausedUntil - performance.now()
  if (rest > 0) return rest
  const wasUnreachable = failures > 0
  if (wasUnreachable && !(await sendNext(sites, deliver, on))) return nextDue(on)
  if (wasUnreachable && failures === 0) await asService('sending mails', hastenMails, on)
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let goesOn = true; goesOn && !stopping.aborted && pausedUntil <= performance.now();) goesOn = await sendNext(sites, deliver, on)
    })
  )
  return nextDue(on)
}

async function nextDue(on?: Kysely<Database>): Promise<number | null> {
  const rest = Math.max(0, pausedUntil - performance.now())
  const next = await asService('sending mails', nextMailDue, on)
  return next === null ? null : Math.max(rest, next)
}

/** Whether there was a mail to deal with. */
async function sendNext(sites: Sites, deliver: Deliver, on?: Kysely<Database>): Promise<boolean> {
  const mail = await asService('sending mails', claimMail, on)
  if (mail === null) return false
  if (mail === 'passed') return true
  const settle = await send(mail, sites, deliver, on)
  await asService('sending mails', settle, on)
  return true
}

/** Composes and delivers a mail. Answers what is to be written down of it. */
async function send(mail: ClaimedMail, sites: Sites, deliver: Deliver, on?: Kysely<Database>): Promise<(db: Db) => Promise<void>> {
  let composed: Composed
  try {
    composed = await asService('sending mails', db => composeMail(db, mail, sites), on)
  } catch (error) {
    const reason = reasonOf(error)
    console.error(`A mail could not be written: ${reason}`)
    return db => postponeMail(db, mail.id, reason, false)
  }
  if ('cancelled' in composed) {
    const { cancelled, parts } = composed
    return db => cancelMail(db, mail.id, cancelled, parts)
  }
  const { envelope, notified, parts } = composed
  const delivery = await deliver(envelope)
  if (delivery.outcome === 'unreachable') pause(delivery.reason)
  else failures = 0
  switch (delivery.outcome) {
    case 'delivered':
      return db => recordSent(db, mail.id, notified, parts)
    case 'refused':
      return db => failMail(db, mail.id, delivery.reason)
    default:
      return db => postponeMail(db, mail.id, delivery.reason, delivery.outcome === 'unreachable')
  }
}

function pause(reason: string): void {
  // Several mails on their way meet the same end: once is enough.
  if (pausedUntil > performance.now()) return
  failures++
  if (failures === 1) console.error(`The mail server cannot be reached: ${reason}`)
  pausedUntil = performance.now() + Math.min(longestPauseMs, 1_000 * 2 ** (failures - 1)) * (0.8 + 0.4 * Math.random())
}

/** The mail server may be another one: nothing is known of it. */
export function resetMailServer(): void {
  failures = 0
  pausedUntil = 0
}

/** Sends what waits in the outbox; links in mails lead to `siteUrl`. */
export function mailWorker(siteUrl: string): Worker {
  return {
    name: 'send-mails',
    channel: 'switchboard_mails',
    work: stopping =>
      mailConfigured()
        ? sendMails(stopping, { siteUrl: siteUrl.replace(/\/$/, ''), mailHost: mailSender().address.split('@').at(-1)! })
        : Promise.resolve(null)
  }
}

export const removeMailsJob: Job = {
  name: 'remove-mails',
  async run() {
    await asService('removing old mails', removeOldMails)
  }
}

import { deliverMail, mailConfigured, mailSender, type Delivery, type Message } from '../adapters/mail'
import { asService } from '../db/identity'
import type { Db } from '../db/types'
import { composeMail, type Composed, type Sites } from '../domain/mail/compose'
import {
  cancelMail,
  claimMail,
  failMail,
  getMsUntilNextMail,
  postponeMail,
  recordSenderAddress,
  recordSent,
  removeOldMails,
  retryUnreachableMails,
  type ClaimedMail
} from '../domain/mail/claim'
import type { Job } from './boss'
import { reasonOf } from './error-text'
import type { Worker } from './worker'

export type Deliver = (message: Message) => Promise<Delivery>

const maxConnections = 4
const maxPauseMs = 60_000

/**
 * Makes a sender for one mail server. The sender sends all due mails until none is left or `stopping` is aborted. It returns the
 * milliseconds until the next mail is due; null when none waits. After a failed connection it pauses for a second, doubling each time up
 * to a minute, and then tries a single mail first.
 */
export function createMailSender(sites: Sites, deliver: Deliver = deliverMail): (stopping: AbortSignal) => Promise<number | null> {
  let failures = 0
  let pausedUntil = 0

  async function sendMails(stopping: AbortSignal): Promise<number | null> {
    const rest = pausedUntil - performance.now()
    if (rest > 0) return rest
    const wasUnreachable = failures > 0
    if (wasUnreachable && !(await sendNext())) return getNextDue()
    if (wasUnreachable && failures === 0) await asService('sending mails', retryUnreachableMails)
    await Promise.all(
      Array.from({ length: maxConnections }, async () => {
        for (let goesOn = true; goesOn && !stopping.aborted && pausedUntil <= performance.now();) goesOn = await sendNext()
      })
    )
    return getNextDue()
  }

  async function getNextDue(): Promise<number | null> {
    const rest = Math.max(0, pausedUntil - performance.now())
    const next = await asService('sending mails', getMsUntilNextMail)
    return next === null ? null : Math.max(rest, next)
  }

  /** Returns false when no mail was due. */
  async function sendNext(): Promise<boolean> {
    const mail = await asService('sending mails', claimMail)
    if (mail === null) return false
    if (mail === 'skipped') return true
    const settle = await send(mail)
    await asService('sending mails', settle)
    return true
  }

  /** Composes and delivers a mail. Returns the function that records the outcome. */
  async function send(mail: ClaimedMail): Promise<(db: Db) => Promise<void>> {
    let composed: Composed
    try {
      composed = await asService('sending mails', db => composeMail(db, mail, sites))
    } catch (error) {
      const reason = reasonOf(error)
      console.error(`A mail could not be composed: ${reason}`)
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
    // The other connections fail at the same time: count that as one failure.
    if (pausedUntil > performance.now()) return
    failures++
    if (failures === 1) console.error(`The mail server cannot be reached: ${reason}`)
    pausedUntil = performance.now() + Math.min(maxPauseMs, 1_000 * 2 ** (failures - 1)) * (0.8 + 0.4 * Math.random())
  }

  return sendMails
}

/** Links in mails lead to `siteUrl`. Without a configured mail server the worker does nothing. */
export function mailWorker(siteUrl: string): Worker {
  let sendMails: ReturnType<typeof createMailSender> | undefined
  return {
    name: 'send-mails',
    channel: 'switchboard_mails',
    async work(stopping) {
      if (!mailConfigured()) return null
      if (!sendMails) await asService('sending mails', db => recordSenderAddress(db, mailSender().address))
      sendMails ??= createMailSender({ siteUrl: siteUrl.replace(/\/$/, ''), mailHost: mailSender().address.split('@').at(-1)! })
      return sendMails(stopping)
    }
  }
}

export const removeMailsJob: Job = {
  name: 'remove-mails',
  async run() {
    await asService('removing old mails', removeOldMails)
  }
}

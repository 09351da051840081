import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { sendWebhook, type SendOptions, type WebhookAnswer } from '../adapters/webhook'
import { asService } from '../db/identity'
import type { Database } from '../db/types'
import {
  announceDeliveries,
  claimDeliveries,
  extendDeliveries,
  nextDeliveryIn,
  recordAttempts,
  releaseDeliveries,
  removeOldDeliveries,
  type ClaimedDelivery
} from '../domain/webhook/claim'
import type { Job } from './boss'
import type { Worker } from './worker'

// So many requests of this server are under way at once.
const places = 20
// Who looks at a log of deliveries sees it change this often.
const announceMs = 1_000
// The claim of what is under way is renewed this often: it ends after five seconds.
const renewMs = 1_500
// Of the two seconds that a server has for its last work.
const lastMs = 1_200

interface Ended {
  delivery: ClaimedDelivery
  answer: WebhookAnswer
  startedAt: number
  endedAt: number
}

/**
 * Sends what is due, several at a time, and writes down how it went. A delivery is claimed before it is sent and its
 * result written after: a server that dies in between has it sent once more by another, under the same id.
 */
export function deliverWebhooks({ scale = 1, on, ...options }: SendOptions & { scale?: number; on?: Kysely<Database> }): Worker {
  const underWay = new Map<string, { delivery: ClaimedDelivery; sent: Promise<void> }>()
  const cutOff = new AbortController()
  const changed = new Set<string>()
  let ended: Ended[] = []
  let unsent: ClaimedDelivery[] = []
  let announcedAt = -Infinity
  let renewedAt = -Infinity

  function start(delivery: ClaimedDelivery, wake: () => void): void {
    const startedAt = performance.now()
    const sent = sendWebhook(delivery, { ...options, stopping: cutOff.signal })
      .then(
        answer => void ended.push({ delivery, answer, startedAt, endedAt: performance.now() }),
        () => void unsent.push(delivery)
      )
      .finally(() => {
        underWay.delete(delivery.id)
        wake()
      })
    underWay.set(delivery.id, { delivery, sent })
  }

  const held = () => [...underWay.values()].map(({ delivery }) => delivery)
  const allSent = () => Promise.all([...underWay.values()].map(({ sent }) => sent))

  /** One transaction for all that has ended since and for what comes next; results that it cannot write are kept for the next. */
  async function turn(server: number | null, isClaiming: boolean): Promise<{ claimed: ClaimedDelivery[]; next: number | null }> {
    const written = ended
    ended = []
    for (const { delivery } of written) changed.add(delivery.webhook_id)
    const isAnnouncing = changed.size > 0 && (performance.now() - announcedAt >= announceMs || !isClaiming)
    const announced = isAnnouncing ? [...changed] : []
    const isRenewing = underWay.size > 0 && performance.now() - renewedAt >= renewMs
    if (isRenewing) renewedAt = performance.now()
    try {
      const result = await asService(
        'delivering webhooks',
        async db => {
          await recordAttempts(db, written.map(asResult), scale)
          if (isRenewing) await extendDeliveries(db, held(), server)
          if (announced.length > 0) await announceDeliveries(db, announced)
          return isClaiming
            ? { claimed: await claimDeliveries(db, { places, held: held(), server }), next: await nextDeliveryIn(db) }
            : { claimed: [], next: null }
        },
        on
      )
      if (isAnnouncing) {
        changed.clear()
        announcedAt = performance.now()
      }
      return result
    } catch (error) {
      ended.unshift(...written)
      throw error
    }
  }

  return {
    name: 'deliver-webhooks',
    channel: 'switchboard_deliveries',
    async work(_, wake, server) {
      const { claimed, next } = await turn(server, true)
      for (const delivery of claimed) start(delivery, wake)
      const announceIn = changed.size > 0 ? announcedAt + announceMs - performance.now() : Infinity
      const soonest = Math.min(next ?? Infinity, announceIn, underWay.size > 0 ? renewMs : Infinity)
      return soonest === Infinity ? null : soonest
    },
    async finish() {
      await Promise.race([allSent(), sleep(lastMs, undefined, { ref: false })])
      cutOff.abort()
      await allSent()
      if (ended.length > 0) await turn(null, false)
      if (unsent.length > 0) await asService('giving webhooks back', db => releaseDeliveries(db, unsent), on)
      unsent = []
    }
  }
}

function asResult({ delivery: { id, number }, answer: { status, error, response, retryAfter }, startedAt, endedAt }: Ended) {
  return {
    delivery_id: id,
    number,
    duration_ms: Math.round(endedAt - startedAt),
    ended_ms_ago: Math.round(performance.now() - endedAt),
    status,
    error,
    response,
    retry_after: retryAfter
  }
}

/** Every hour, in short transactions. */
export const removeDeliveriesJob: Job = {
  name: 'remove-webhook-deliveries',
  async run(stopping) {
    while (!stopping.aborted && (await asService('removing old webhook deliveries', db => removeOldDeliveries(db, 1_000))) > 0);
  }
}

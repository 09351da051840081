import { setTimeout as sleep } from 'node:timers/promises'
import { sendWebhook, type SendOptions, type WebhookAnswer } from '../adapters/webhook'
import { asService } from '../db/identity'
import {
  announceDeliveries,
  claimDeliveries,
  extendDeliveries,
  getMsUntilNextDelivery,
  recordAttempts,
  releaseDeliveries,
  removeOldDeliveries,
  type ClaimedDelivery
} from '../domain/webhook/claim'
import { runBatches } from './batches'
import type { Job } from './boss'
import type { Worker } from './worker'

const maxRequests = 20
// Open delivery logs in browsers refresh this often.
const announceMs = 1_000
// Leases are renewed this often, and expire after five seconds.
const renewMs = 1_500
// Part of the two seconds that workers have when the server stops.
const finishMs = 1_200
const removalBatchSize = 1_000

interface FinishedAttempt {
  delivery: ClaimedDelivery
  answer: WebhookAnswer
  startedAt: number
  endedAt: number
}

/**
 * Sends due deliveries, several at a time, and records their results. A delivery is claimed before it is sent and recorded afterwards:
 * when the server dies in between, another server sends it again under the same id.
 */
export function deliverWebhooks({ scale = 1, ...options }: SendOptions & { scale?: number }): Worker {
  const inFlight = new Map<string, { delivery: ClaimedDelivery; sent: Promise<void> }>()
  const abandon = new AbortController()
  const changed = new Set<string>()
  let finished: FinishedAttempt[] = []
  let unsent: ClaimedDelivery[] = []
  let announcedAt = -Infinity
  let renewedAt = -Infinity

  function start(delivery: ClaimedDelivery, wake: () => void): void {
    const startedAt = performance.now()
    const sent = sendWebhook(delivery, { ...options, stopping: abandon.signal })
      .then(
        answer => void finished.push({ delivery, answer, startedAt, endedAt: performance.now() }),
        () => void unsent.push(delivery)
      )
      .finally(() => {
        inFlight.delete(delivery.id)
        wake()
      })
    inFlight.set(delivery.id, { delivery, sent })
  }

  const held = () => [...inFlight.values()].map(({ delivery }) => delivery)
  const allSent = () => Promise.all([...inFlight.values()].map(({ sent }) => sent))

  /** Records results and claims the next deliveries in one transaction. When it fails, it keeps the results for the next call. */
  async function recordAndClaim(server: number | null, isClaiming: boolean): Promise<{ claimed: ClaimedDelivery[]; next: number | null }> {
    const results = finished
    finished = []
    for (const { delivery } of results) changed.add(delivery.webhook_id)
    const isAnnouncing = changed.size > 0 && (performance.now() - announcedAt >= announceMs || !isClaiming)
    const announced = isAnnouncing ? [...changed] : []
    const isRenewing = inFlight.size > 0 && performance.now() - renewedAt >= renewMs
    if (isRenewing) renewedAt = performance.now()
    try {
      const result = await asService('delivering webhooks', async db => {
        await recordAttempts(db, results.map(asResult), scale)
        if (isRenewing) await extendDeliveries(db, held(), server)
        if (announced.length > 0) await announceDeliveries(db, announced)
        return isClaiming
          ? {
              claimed: await claimDeliveries(db, { maxInFlight: maxRequests, held: held(), server }),
              next: await getMsUntilNextDelivery(db)
            }
          : { claimed: [], next: null }
      })
      if (isAnnouncing) {
        changed.clear()
        announcedAt = performance.now()
      }
      return result
    } catch (error) {
      finished.unshift(...results)
      throw error
    }
  }

  return {
    name: 'deliver-webhooks',
    channel: 'switchboard_deliveries',
    async work(_, wake, server) {
      const { claimed, next } = await recordAndClaim(server, true)
      for (const delivery of claimed) start(delivery, wake)
      const announceIn = changed.size > 0 ? announcedAt + announceMs - performance.now() : Infinity
      const soonest = Math.min(next ?? Infinity, announceIn, inFlight.size > 0 ? renewMs : Infinity)
      return soonest === Infinity ? null : soonest
    },
    async finish() {
      await Promise.race([allSent(), sleep(finishMs, undefined, { ref: false })])
      abandon.abort()
      await allSent()
      if (finished.length > 0) await recordAndClaim(null, false)
      if (unsent.length > 0) await asService('releasing webhook deliveries', db => releaseDeliveries(db, unsent))
      unsent = []
    }
  }
}

function asResult({ delivery: { id, number }, answer: { status, error, response, retryAfter }, startedAt, endedAt }: FinishedAttempt) {
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

export const removeDeliveriesJob: Job = {
  name: 'remove-webhook-deliveries',
  async run(stopping) {
    await runBatches(stopping, () => asService('removing old webhook deliveries', db => removeOldDeliveries(db, removalBatchSize)))
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { sendWebhook, type SendOptions, type WebhookAnswer } from '../adapters/webhook'
import { asService } from '../db/identity'
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
import { runBatches } from './batches'
import type { Job } from './boss'
import type { Worker } from './worker'

const maxRequests = 20
// How often an open log of deliveries changes.
const announceMs = 1_000
// How often leases are renewed; they expire after five seconds.
const renewMs = 1_500
// Of the two seconds that workers have when the server stops.
const finishMs = 1_200
const removalBatchSize = 1_000

interface Ended {
  delivery: ClaimedDelivery
  answer: WebhookAnswer
  startedAt: number
  endedAt: number
}

/**
 * Sends the deliveries that are due, several at a time, and records their results. A delivery is claimed before it is sent and
 * recorded after: if the server dies in between, another sends it again under the same id.
 */
export function deliverWebhooks({ scale = 1, ...options }: SendOptions & { scale?: number }): Worker {
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

  /** Records results and claims the next deliveries in one transaction. Results that it could not record are kept for the next turn. */
  async function turn(server: number | null, isClaiming: boolean): Promise<{ claimed: ClaimedDelivery[]; next: number | null }> {
    const written = ended
    ended = []
    for (const { delivery } of written) changed.add(delivery.webhook_id)
    const isAnnouncing = changed.size > 0 && (performance.now() - announcedAt >= announceMs || !isClaiming)
    const announced = isAnnouncing ? [...changed] : []
    const isRenewing = underWay.size > 0 && performance.now() - renewedAt >= renewMs
    if (isRenewing) renewedAt = performance.now()
    try {
      const result = await asService('delivering webhooks', async db => {
        await recordAttempts(db, written.map(asResult), scale)
        if (isRenewing) await extendDeliveries(db, held(), server)
        if (announced.length > 0) await announceDeliveries(db, announced)
        return isClaiming
          ? { claimed: await claimDeliveries(db, { places: maxRequests, held: held(), server }), next: await nextDeliveryIn(db) }
          : { claimed: [], next: null }
      })
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
      await Promise.race([allSent(), sleep(finishMs, undefined, { ref: false })])
      cutOff.abort()
      await allSent()
      if (ended.length > 0) await turn(null, false)
      if (unsent.length > 0) await asService('giving webhooks back', db => releaseDeliveries(db, unsent))
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

export const removeDeliveriesJob: Job = {
  name: 'remove-webhook-deliveries',
  async run(stopping) {
    await runBatches(stopping, () => asService('removing old webhook deliveries', db => removeOldDeliveries(db, removalBatchSize)))
  }
}

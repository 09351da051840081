// Measures the milliseconds of a message from its commit in Postgres to the clients of a private channel, on the embedded
// Realtime server: node bench/realtime-latency.ts [clients, 20] [messages, 200]
import { closeClients, join, openClient } from '../tests/conformance/support/client.ts'
import { startBackend } from '../tests/conformance/support/backend.ts'
import { createPerson } from '../tests/conformance/support/people.ts'
import { allowChannel } from '../tests/conformance/support/policies.ts'

const clients = Number(process.argv[2] ?? 20)
const messages = Number(process.argv[3] ?? 200)
const topic = 'bench'

const backend = await startBackend()
try {
  await allowChannel(backend, { topic, can: 'select' })
  const arrivals: number[][] = Array.from({ length: messages }, () => [])
  let received = 0
  let wake: () => void = () => undefined
  const joining = performance.now()
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = await openClient(backend, { token: (await createPerson(backend)).token })
      const channel = client.channel(topic, { config: { private: true } })
      channel.on('broadcast', { event: 'bench' }, ({ payload }) => {
        arrivals[Number(payload.n)]?.push(performance.now())
        if (++received % clients === 0) wake()
      })
      await join(channel)
    })
  )
  const joined = performance.now() - joining

  const fromSend: number[] = []
  const fromCommit: number[] = []
  for (let n = 0; n < messages; n++) {
    const everyone = new Promise<void>(resolve => (wake = resolve))
    const sent = performance.now()
    await backend.sql`select realtime.send(jsonb_build_object('n', ${n}::int, 'subject', 'A ticket was updated', 'version', 7), 'bench', ${topic}, true)`
    const committed = performance.now()
    await everyone
    for (const arrival of arrivals[n] ?? []) {
      fromSend.push(arrival - sent)
      fromCommit.push(Math.max(0, arrival - committed))
    }
  }
  const lines = [
    `${clients} clients joined a private channel in ${joined.toFixed(0)} ms`,
    `${fromSend.length} deliveries of ${messages} messages`,
    `from sending the statement to the client: ${percentiles(fromSend)}`,
    `from the commit's answer to the client:   ${percentiles(fromCommit)}`
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
} finally {
  await closeClients()
  await backend.stop()
}

function percentiles(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2)
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`
}

import type { Sql } from 'postgres'
import type { Catalog, Table } from './catalog.ts'
import { encodeChange, encodeChangeError, newValue, oldValue } from './change-payload.ts'
import { matchLocally } from './filter.ts'
import type { CheckedFilter } from './filter.ts'
import type { Change } from './replication.ts'
import type { Subscriber, Subscription, Subscriptions } from './subscriptions.ts'
import { RowVisibility } from './row-visibility.ts'
import type { Identity } from './tokens.ts'

interface Candidate {
  subscription: Subscription
  identity: Identity
}

/** A change and the subscriptions whose filters it passed. */
interface Delivery {
  change: Change
  table: Table
  candidates: Candidate[]
}

interface FilterTest {
  filter: CheckedFilter
  value: string | null
}

const maxBatch = 500
const noPrimaryKey = 'Error 400: Bad Request, no primary key'
const unauthorized = 'Error 401: Unauthorized'
const policyFailed = 'Error 500: Internal Server Error, RLS policy evaluation failed'

/**
 * Delivers committed changes to their subscribers in commit order. While the database checks one batch, the next one
 * accumulates, so that one query checks many rows.
 */
export class ChangePipeline {
  readonly counters = { changes: 0, batches: 0, filterQueries: 0, visibilityQueries: 0 }
  readonly #sql: Sql
  readonly #catalog: Catalog
  readonly #subscriptions: Subscriptions
  readonly #maxBytes: number
  readonly #log: (line: string) => void
  #queue: Change[] = []
  #isRunning = false

  constructor(parts: { sql: Sql; catalog: Catalog; subscriptions: Subscriptions; maxBytes: number; log: (line: string) => void }) {
    this.#sql = parts.sql
    this.#catalog = parts.catalog
    this.#subscriptions = parts.subscriptions
    this.#maxBytes = parts.maxBytes
    this.#log = parts.log
  }

  enqueue(changes: Change[]): void {
    const wanted = changes.filter(change => this.#subscriptions.has(change.relation))
    if (wanted.length === 0) return
    for (const change of wanted) this.#queue.push(change)
    if (!this.#isRunning) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, maxBatch)
      try {
        await this.#deliver(batch)
      } catch (error) {
        // Fail closed: nobody may see a change whose visibility is unknown.
        this.#log(`realtime: dropped ${batch.length} changes: ${(error as Error).message}`)
      }
    }
    this.#isRunning = false
  }

  async #deliver(batch: Change[]): Promise<void> {
    this.counters.batches++
    this.counters.changes += batch.length
    const deliveries = await this.#match(batch)
    const visibility = new RowVisibility()
    for (const { change, table, candidates } of deliveries) {
      for (const { identity } of candidates) {
        if (getRoleError(change, table, identity.role) === null) visibility.add(change, table, identity)
      }
    }
    this.counters.visibilityQueries += await visibility.check(this.#sql, this.#log)
    for (const delivery of deliveries) this.#send(delivery, visibility)
  }

  /** Finds the subscriptions that match each change by event and filter. One query decides what only Postgres can compare. */
  async #match(batch: Change[]): Promise<Delivery[]> {
    const tests: FilterTest[] = []
    const pending: (() => void)[] = []
    let results: boolean[] = []
    const deliveries: Delivery[] = []
    for (const change of batch) {
      const table = await this.#catalog.table(change.relation)
      if (!table) continue
      const delivery: Delivery = { change, table, candidates: [] }
      deliveries.push(delivery)
      const decisions = new Map<string, boolean | number[]>()
      const candidates: { candidate: Candidate; decision: boolean | number[] }[] = []
      for (const subscription of this.#subscriptions.of(change.relation)) {
        if (subscription.event !== '*' && subscription.event !== change.operation) continue
        const { identity } = subscription.subscriber
        const isError = getRoleError(change, table, identity.role) !== null
        let decision = decisions.get(subscription.filterKey)
        if (decision === undefined) {
          decision = decide(subscription.filters, change, table, tests)
          decisions.set(subscription.filterKey, decision)
        }
        candidates.push({ candidate: { subscription, identity }, decision: isError || decision })
      }
      pending.push(() => {
        delivery.candidates = candidates
          .filter(({ decision }) => {
            return typeof decision === 'boolean' ? decision : decision.every(position => results[position] === true)
          })
          .map(({ candidate }) => candidate)
      })
    }
    if (tests.length > 0) {
      this.counters.filterQueries++
      const [row] = await this.#sql<{ results: boolean[] }[]>`select realtime.match(${JSON.stringify(tests)}::text::jsonb) results`
      results = row?.results ?? []
    }
    for (const settle of pending) settle()
    return deliveries
  }

  #send({ change, table, candidates }: Delivery, visibility: RowVisibility): void {
    const encoded = new Map<string, string>()
    const frames = new Map<Subscriber, Map<string, number[]>>()
    for (const { subscription, identity } of candidates) {
      const error = getRoleError(change, table, identity.role)
      const verdict = error ? 'error' : visibility.getVerdict(change, table, identity)
      if (verdict === 'hidden') continue
      const failure = error ?? (verdict === 'error' ? policyFailed : null)
      const key = failure ?? JSON.stringify([identity.role, subscription.select])
      if (!encoded.has(key)) {
        const audience = { role: identity.role, select: subscription.select, maxBytes: this.#maxBytes }
        encoded.set(key, failure ? encodeChangeError(change, failure) : encodeChange(change, table, audience))
      }
      const ids = frames.get(subscription.subscriber) ?? new Map<string, number[]>()
      frames.set(subscription.subscriber, ids.set(key, [...(ids.get(key) ?? []), subscription.id]))
    }
    for (const [subscriber, ids] of frames) {
      if (!subscriber.isOpen) continue
      for (const [key, matching] of ids) subscriber.sendChange(matching, encoded.get(key) ?? '')
    }
  }
}

/** The error that all subscribers of a role get instead of this change, or null. */
function getRoleError({ operation }: Change, table: Table, role: string): string | null {
  if (operation === 'DELETE') return null
  if (table.keys.length === 0) return noPrimaryKey
  const selectable = table.roles.get(role)?.selectable
  return table.keys.every(({ name }) => selectable?.has(name)) ? null : unauthorized
}

/** Whether a change passes the filters. When only Postgres can decide, appends to `tests` and returns their positions. */
function decide(filters: CheckedFilter[], change: Change, table: Table, tests: FilterTest[]): boolean | number[] {
  const undecided: FilterTest[] = []
  for (const filter of filters) {
    const column = table.byName.get(filter.column)
    const value = column && (change.operation === 'DELETE' ? oldValue(change, column) : newValue(change, column))
    if (value === undefined) return false
    const decision = matchLocally(filter, value)
    if (decision === false) return false
    if (decision === undefined) undecided.push({ filter, value })
  }
  return undecided.length === 0 || undecided.map(test => tests.push(test) - 1)
}

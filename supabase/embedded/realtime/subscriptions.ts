import type { Sql } from 'postgres'
import { FilterError, parseFilters } from './filter.ts'
import type { CheckedFilter, Filter } from './filter.ts'
import type { Operation, Relation } from './pgoutput.ts'
import { isObject } from './serializer.ts'
import type { Json } from './serializer.ts'
import { apiRoles } from './tokens.ts'
import type { Identity } from './tokens.ts'

/** The part of a channel that the delivery of changes uses. */
export interface Subscriber {
  readonly identity: Identity
  readonly isOpen: boolean
  sendChange(ids: number[], data: string): void
}

/** One entry of a channel's `postgres_changes`. A null schema or table matches any. */
export interface Binding {
  id: number
  event: Operation | '*'
  schema: string | null
  table: string | null
  filters: Filter[]
  select: string[]
}

export interface Subscription extends Binding {
  subscriber: Subscriber
  filters: CheckedFilter[]
  /** The same for subscriptions with equal filters. */
  filterKey: string
}

export class SubscriptionError extends Error {}

/** Parses one `postgres_changes` entry of a join. @throws SubscriptionError */
export function parseBinding(params: Json, id: number): Binding {
  const { event, schema, table, filter, select } = isObject(params) ? params : {}
  const hasTable = typeof table === 'string' && table !== ''
  const hasSchema = typeof schema === 'string' && schema !== ''
  if (!hasTable && !hasSchema) {
    throw new SubscriptionError(
      `No subscription params provided. Please provide at least a \`schema\` or \`table\` to subscribe to: ${JSON.stringify(params)}`
    )
  }
  const binding: Binding = {
    id,
    event: parseEvent(event),
    schema: hasSchema ? parseName(schema) : 'public',
    table: hasTable ? parseName(table) : null,
    filters: parseFilter(filter),
    select: parseSelect(select)
  }
  const isWildcard = binding.schema === null || binding.table === null
  if (isWildcard && binding.select.length > 0) {
    throw new SubscriptionError('Column selection is not supported for wildcard subscriptions. Provide an explicit schema and table name.')
  }
  if (isWildcard && binding.filters.length > 0) throw new SubscriptionError(`Error parsing \`filter\` params: ["${String(filter)}"]`)
  return binding
}

/** Validates bindings for a role in the database: tables, columns, filters. @throws SubscriptionError for the first invalid one */
export async function checkBindings(sql: Sql, role: string, bindings: Binding[]): Promise<(Binding & { filters: CheckedFilter[] })[]> {
  const refuse = (binding: Binding, message: string) =>
    new SubscriptionError(
      `Unable to subscribe to changes with given parameters. An exception happened so please check your connect parameters: ${describeBinding(binding)}. Exception: ERROR ${message}`
    )
  return Promise.all(
    bindings.map(async binding => {
      if (!apiRoles.has(role)) throw refuse(binding, `role "${role}" does not exist`)
      const [row] = await sql<{ tables: number[] }[]>`select realtime.published_tables(${binding.schema}, ${binding.table}) tables`
      const [table] = row?.tables ?? []
      if (table === undefined) {
        throw new SubscriptionError(
          `Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: ${describeBinding(binding)}`
        )
      }
      if (binding.filters.length === 0 && binding.select.length === 0) return { ...binding, filters: [] }
      try {
        const filters = JSON.stringify(binding.filters)
        const [checked] = await sql<
          { filters: CheckedFilter[] }[]
        >`select realtime.check_subscription(${table}, ${role}, ${filters}::text::jsonb, ${binding.select}::text[]) filters`
        return { ...binding, filters: checked?.filters ?? [] }
      } catch (error) {
        throw refuse(binding, (error as Error).message)
      }
    })
  )
}

/** All subscriptions, indexed by table and by subscriber. */
export class Subscriptions {
  readonly #byTable = new Map<string, Set<Subscription>>()
  readonly #bySubscriber = new Map<Subscriber, Subscription[]>()

  get size(): number {
    return this.#bySubscriber.size
  }

  set(subscriber: Subscriber, bindings: (Binding & { filters: CheckedFilter[] })[]): void {
    this.delete(subscriber)
    const subscriptions = bindings.map(binding => ({ ...binding, subscriber, filterKey: JSON.stringify(binding.filters) }))
    this.#bySubscriber.set(subscriber, subscriptions)
    for (const subscription of subscriptions) {
      const key = keyOf(subscription.schema, subscription.table)
      const listening = this.#byTable.get(key) ?? new Set()
      this.#byTable.set(key, listening.add(subscription))
    }
  }

  delete(subscriber: Subscriber): void {
    for (const subscription of this.#bySubscriber.get(subscriber) ?? []) {
      const key = keyOf(subscription.schema, subscription.table)
      const listening = this.#byTable.get(key)
      listening?.delete(subscription)
      if (listening?.size === 0) this.#byTable.delete(key)
    }
    this.#bySubscriber.delete(subscriber)
  }

  isSubscribed(subscriber: Subscriber): boolean {
    return this.#bySubscriber.has(subscriber)
  }

  has(relation: Relation): boolean {
    return keysOf(relation).some(key => this.#byTable.has(key))
  }

  of(relation: Relation): Subscription[] {
    return keysOf(relation).flatMap(key => [...(this.#byTable.get(key) ?? [])])
  }
}

function keysOf({ schema, table }: Relation): string[] {
  return [keyOf(schema, table), keyOf(schema, null), keyOf(null, table), keyOf(null, null)]
}

function keyOf(schema: string | null, table: string | null): string {
  return JSON.stringify([schema, table])
}

function parseEvent(event: Json | undefined): Binding['event'] {
  const name = typeof event === 'string' ? event.toUpperCase() : '*'
  return name === 'INSERT' || name === 'UPDATE' || name === 'DELETE' ? name : '*'
}

function parseName(name: string): string | null {
  return name === '*' ? null : name
}

function parseFilter(filter: Json | undefined): Filter[] {
  if (typeof filter !== 'string') return []
  try {
    return parseFilters(filter)
  } catch (error) {
    if (error instanceof FilterError) throw new SubscriptionError(`Error parsing \`filter\` params: ${error.message}`)
    throw error
  }
}

function parseSelect(select: Json | undefined): string[] {
  if (select === undefined || select === null) return []
  if (Array.isArray(select) && select.every(column => typeof column === 'string')) return select
  throw new SubscriptionError(`Error parsing \`select\` params: expected a list of column name strings, got: ${JSON.stringify(select)}`)
}

function describeBinding({ event, schema, table, filters, select }: Binding): string {
  const conditions = filters.map(({ column, operator, value }) => `{"${column}", "${operator}", "${String(value)}"}`).join(', ')
  return `[event: ${event}, schema: ${schema ?? '*'}, table: ${table ?? '*'}, filters: [${conditions}], select: ${select.length === 0 ? 'nil' : JSON.stringify(select)}]`
}

import type { Column, Table } from './catalog.ts'
import { quote } from './encoding.ts'
import type { Tuple, Value } from './pgoutput.ts'
import type { Change } from './replication.ts'

// A change above the size limit keeps only values up to this size.
const smallValueBytes = 64

/** The `data` of a `postgres_changes` message as JSON text, for a role and a column selection. */
export function encodeChange(change: Change, table: Table, audience: { role: string; select: string[]; maxBytes: number }): string {
  const { relation, operation } = change
  const selectable = table.roles.get(audience.role)?.selectable ?? new Set()
  const columns = table.columns.filter(
    ({ name, position, isKey }) =>
      position >= 0 && selectable.has(name) && (audience.select.length === 0 || isKey || audience.select.includes(name))
  )
  const isTooLarge = (change.record?.bytes ?? 0) + (change.old?.bytes ?? 0) > audience.maxBytes
  const fits = (value: string | null) => !isTooLarge || value === null || Buffer.byteLength(value) <= smallValueBytes
  const parts = [
    `"schema":${quote(relation.schema)},"table":${quote(relation.table)},"type":"${operation}"`,
    `"commit_timestamp":"${new Date(change.committedAt).toISOString()}"`,
    `"columns":[${columns.map(column => `{"name":${quote(column.name)},"type":${quote(column.typname)}}`).join(',')}]`
  ]
  if (change.record) parts.push(`"record":${encodeRow(columns, column => newValue(change, column), fits)}`)
  if (operation !== 'INSERT') {
    const shown = operation === 'DELETE' && table.hasRowSecurity ? columns.filter(column => column.isKey) : columns
    parts.push(`"old_record":${encodeRow(shown, column => oldValue(change, column), fits)}`)
  }
  parts.push(`"errors":${isTooLarge ? '["Error 413: Payload Too Large"]' : 'null'}`)
  return `{${parts.join(',')}}`
}

/** The `data` for a subscriber who must not or cannot see the row: event and error, no values. */
export function encodeChangeError({ relation, operation }: Change, error: string): string {
  const old = operation === 'INSERT' ? '' : '"old_record":{},'
  return `{"schema":${quote(relation.schema)},"table":${quote(relation.table)},"type":"${operation}","commit_timestamp":null,"columns":[],"record":{},${old}"errors":[${quote(error)}]}`
}

/** A column's value after an INSERT or UPDATE; undefined for an unchanged TOASTed value, which Postgres does not replicate. */
export function newValue({ record, old }: Change, { position }: Column): Value {
  const value = record?.values[position]
  return value === undefined && old?.kind === 'row' ? old.values[position] : value
}

/** A column's value before an UPDATE or DELETE; undefined when the replica identity does not include the column. */
export function oldValue({ record, old }: Change, { position, isIdentity }: Column): Value {
  const tuple: Tuple | null = old ?? record
  return old?.kind === 'row' || isIdentity ? tuple?.values[position] : undefined
}

function encodeRow(columns: Column[], valueOf: (column: Column) => Value, fits: (value: string | null) => boolean): string {
  const fields: string[] = []
  for (const column of columns) {
    const value = valueOf(column)
    if (value === undefined || !fits(value)) continue
    fields.push(`${quote(column.name)}:${value === null ? 'null' : column.encode(value)}`)
  }
  return `{${fields.join(',')}}`
}

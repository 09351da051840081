import type { Sql } from 'postgres'
import { getEncoder, hasBuiltinEncoder, quote } from './encoding.ts'
import type { Encoder, TypeInfo } from './encoding.ts'
import type { Relation } from './pgoutput.ts'

export interface Column {
  name: string
  typname: string
  /** The type as SQL. */
  type: string
  /** As SQL; null for the type's default collation. */
  collation: string | null
  isKey: boolean
  /** Position in the tuples of the replication stream; -1 when the stream omits the column. */
  position: number
  isIdentity: boolean
  encode: Encoder
}

/** The catalog data of a table that delivery of its changes needs. */
export interface Table {
  id: number
  hasRowSecurity: boolean
  /** In attnum order. */
  columns: Column[]
  keys: Column[]
  byName: Map<string, Column>
  roles: Map<string, { bypassesRowSecurity: boolean; selectable: Set<string> }>
}

interface TableRow {
  rls: boolean
  columns: { name: string; typid: number; typname: string; type: string; collation: string | null; is_key: boolean }[]
  roles: Record<string, { bypass: boolean; selectable: string[] }>
}

/**
 * Reads and caches table data from Postgres' catalog. The cache key is the relation object: Postgres sends a new relation
 * message before the first change after an alteration of columns, identity, policies or grants.
 */
export class Catalog {
  readonly #sql: Sql
  #tables = new WeakMap<Relation, Promise<Table | null>>()

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** Null when the table was dropped. */
  table(relation: Relation): Promise<Table | null> {
    let table = this.#tables.get(relation)
    if (!table) {
      table = this.#load(relation)
      table.catch(() => this.#tables.delete(relation))
      this.#tables.set(relation, table)
    }
    return table
  }

  async #load(relation: Relation): Promise<Table | null> {
    const [row] = await this.#sql<{ found: TableRow | null }[]>`select realtime.relation(${relation.id}) found`
    if (!row?.found) return null
    const { rls, columns, roles } = row.found
    const positions = new Map(relation.columns.map((column, position) => [column.name, { position, isIdentity: column.isIdentity }]))
    const types = await this.#types(columns.map(column => column.typid))
    const described = columns.map((column): Column => {
      const streamed = positions.get(column.name)
      return {
        name: column.name,
        typname: column.typname,
        type: column.type,
        collation: column.collation,
        isKey: column.is_key,
        position: streamed?.position ?? -1,
        isIdentity: streamed?.isIdentity ?? false,
        encode: hasBuiltinEncoder(column.typid) || types.has(column.typid) ? getEncoder(column.typid, types) : quote
      }
    })
    return {
      id: relation.id,
      hasRowSecurity: rls,
      columns: described,
      keys: described.filter(column => column.isKey),
      byName: new Map(described.map(column => [column.name, column])),
      roles: new Map(
        Object.entries(roles).map(([name, { bypass, selectable }]) => [
          name,
          { bypassesRowSecurity: bypass, selectable: new Set(selectable) }
        ])
      )
    }
  }

  /** The types with these OIDs, and all element, base and attribute types of them. */
  async #types(ids: number[]): Promise<Map<number, TypeInfo>> {
    const types = new Map<number, TypeInfo>()
    let wanted = ids.filter(id => !hasBuiltinEncoder(id))
    while (wanted.length > 0) {
      const [row] = await this.#sql<{ found: TypeInfo[] }[]>`select realtime.types(${JSON.stringify(wanted)}::text::jsonb) found`
      for (const type of row?.found ?? []) types.set(type.id, type)
      const parts = (row?.found ?? []).flatMap(type => [type.element, type.base, ...(type.attributes ?? []).map(part => part.type)])
      wanted = [...new Set(parts)].filter(id => id !== 0 && !hasBuiltinEncoder(id) && !types.has(id))
    }
    return types
  }
}

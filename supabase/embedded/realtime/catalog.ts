import type { Sql } from 'postgres'
import { encoderOf, isBuiltin, quote } from './encoding.ts'
import type { Encoder, TypeInfo } from './encoding.ts'
import type { Relation } from './pgoutput.ts'

export interface Column {
  name: string
  typname: string
  /** The type and, where it is not the type's own, the collation, as SQL. */
  type: string
  collation: string | null
  isKey: boolean
  /** Position in the tuples of the replication stream; -1 for a column the stream leaves out. */
  position: number
  isIdentity: boolean
  encode: Encoder
}

/** What delivering a table's changes takes besides the changes themselves. */
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
 * Reads tables from Postgres' catalog. Postgres sends a relation anew before the first change after its columns,
 * identity, policies or grants changed, so each relation object is looked up once.
 */
export class Catalog {
  readonly #sql: Sql
  #tables = new WeakMap<Relation, Promise<Table | null>>()

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** Null for a table that is gone by now. */
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
        encode: isBuiltin(column.typid) || types.has(column.typid) ? encoderOf(column.typid, types) : quote
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

  /** The types given and every type they are made of. */
  async #types(ids: number[]): Promise<Map<number, TypeInfo>> {
    const types = new Map<number, TypeInfo>()
    let wanted = ids.filter(id => !isBuiltin(id))
    while (wanted.length > 0) {
      const [row] = await this.#sql<{ found: TypeInfo[] }[]>`select realtime.types(${JSON.stringify(wanted)}::text::jsonb) found`
      for (const type of row?.found ?? []) types.set(type.id, type)
      const parts = (row?.found ?? []).flatMap(type => [type.element, type.base, ...(type.attributes ?? []).map(part => part.type)])
      wanted = [...new Set(parts)].filter(id => id !== 0 && !isBuiltin(id) && !types.has(id))
    }
    return types
  }
}

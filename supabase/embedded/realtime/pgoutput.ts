/** A column's value in a tuple. Undefined for an unchanged TOASTed value and for a column outside the replica identity. */
export type Value = string | null | undefined

export interface RelationColumn {
  name: string
  typid: number
  isIdentity: boolean
}

export interface Relation {
  id: number
  schema: string
  table: string
  columns: RelationColumn[]
}

export interface Tuple {
  /** Whether the tuple has all columns or only those of the replica identity. */
  kind: 'row' | 'identity'
  values: Value[]
  bytes: number
}

export type Operation = 'INSERT' | 'UPDATE' | 'DELETE'

export type ReplicationMessage =
  | { kind: 'begin'; committedAt: number; xid: number }
  | { kind: 'commit'; endLsn: bigint }
  | { kind: 'relation'; relation: Relation }
  | { kind: 'change'; operation: Operation; relationId: number; record: Tuple | null; old: Tuple | null }
  | { kind: 'ignored' }

const changeTags = new Set(['I', 'U', 'D'].map(tag => tag.charCodeAt(0)))
const postgresEpochMs = Date.UTC(2000, 0, 1)

/** The relation id of a row change, without decoding the row; null for any other message. */
export function relationIdOf(data: Buffer): number | null {
  return changeTags.has(data.readUInt8(0)) ? data.readUInt32BE(1) : null
}

/** Decodes one message of Postgres' logical replication protocol (pgoutput, version 1; postgresql.org, chapter 53.9). */
export function decodeMessage(data: Buffer): ReplicationMessage {
  const reader = new Reader(data)
  const tag = String.fromCharCode(reader.byte())
  switch (tag) {
    case 'B':
      reader.skip(8)
      return { kind: 'begin', committedAt: postgresEpochMs + Number(reader.int64() / 1000n), xid: reader.int32() }
    case 'C':
      reader.skip(9)
      return { kind: 'commit', endLsn: reader.int64() }
    case 'R':
      return { kind: 'relation', relation: readRelation(reader) }
    case 'I': {
      const relationId = reader.int32()
      reader.skip(1)
      return { kind: 'change', operation: 'INSERT', relationId, record: readTuple(reader, 'row'), old: null }
    }
    case 'U': {
      const relationId = reader.int32()
      let old: Tuple | null = null
      if (reader.peek() !== 'N') old = readTuple(reader, reader.char() === 'K' ? 'identity' : 'row')
      reader.skip(1)
      return { kind: 'change', operation: 'UPDATE', relationId, record: readTuple(reader, 'row'), old }
    }
    case 'D': {
      const relationId = reader.int32()
      const kind = reader.char() === 'K' ? 'identity' : 'row'
      return { kind: 'change', operation: 'DELETE', relationId, record: null, old: readTuple(reader, kind) }
    }
    default:
      return { kind: 'ignored' }
  }
}

function readRelation(reader: Reader): Relation {
  const id = reader.int32()
  const schema = reader.text()
  const table = reader.text()
  reader.skip(1)
  const columns = Array.from({ length: reader.int16() }, () => {
    const isIdentity = (reader.byte() & 1) === 1
    const name = reader.text()
    const typid = reader.int32()
    reader.skip(4)
    return { name, typid, isIdentity }
  })
  return { id, schema: schema || 'pg_catalog', table, columns }
}

function readTuple(reader: Reader, kind: Tuple['kind']): Tuple {
  let bytes = 0
  const values = Array.from({ length: reader.int16() }, (): Value => {
    const tag = reader.char()
    if (tag === 'n') return null
    if (tag === 'u') return undefined
    const length = reader.int32()
    bytes += length
    return reader.string(length)
  })
  return { kind, values, bytes }
}

class Reader {
  readonly #data: Buffer
  #offset = 0

  constructor(data: Buffer) {
    this.#data = data
  }

  skip(bytes: number): void {
    this.#offset += bytes
  }

  byte(): number {
    return this.#data.readUInt8(this.#offset++)
  }

  char(): string {
    return String.fromCharCode(this.byte())
  }

  peek(): string {
    return String.fromCharCode(this.#data.readUInt8(this.#offset))
  }

  int16(): number {
    this.#offset += 2
    return this.#data.readUInt16BE(this.#offset - 2)
  }

  int32(): number {
    this.#offset += 4
    return this.#data.readUInt32BE(this.#offset - 4)
  }

  int64(): bigint {
    this.#offset += 8
    return this.#data.readBigInt64BE(this.#offset - 8)
  }

  string(length: number): string {
    this.#offset += length
    return this.#data.toString('utf8', this.#offset - length, this.#offset)
  }

  text(): string {
    const end = this.#data.indexOf(0, this.#offset)
    const value = this.#data.toString('utf8', this.#offset, end)
    this.#offset = end + 1
    return value
  }
}

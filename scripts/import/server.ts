import { createJiti } from 'jiti'
import { fileURLToPath } from 'node:url'

/** The parts of the server that an import uses: the same functions that its routes call. */
export interface Server {
  open: (url: string, max?: number) => Pool
  asUser: <T>(claims: { sub: string, email: string }, work: (db: Db) => Promise<T>, on: Pool['kysely'], channel: 'import') => Promise<T>
  asService: <T>(reason: string, work: (db: Db) => Promise<T>, on: Pool['kysely']) => Promise<T>
  databaseFailure: (error: unknown) => { statusCode: number, code: string, message: string, path?: string } | undefined
  findImporter: (db: Db, slug: string, email?: string) => Promise<{ teamId: string, userId: string, email: string, role: string }>
  importTicket: (db: Db, teamId: string, userId: string, request: ImportRequest) => Promise<boolean>
  readImport: (value: unknown) => { request: ImportRequest, ignored: string[], hasBody: boolean } | { issues: { path: string, message: string }[] }
  roleCan: (role: string, permission: string) => boolean
}

export interface ImportRequest { source_id: string }
export interface Pool { kysely: { readonly pool: unique symbol }, close: () => Promise<void> }
interface Db { readonly transaction: unique symbol }

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Loads them as Nitro would: its aliases, and imports without extensions, are nothing that Node resolves. */
export async function loadServer(): Promise<Server> {
  const jiti = createJiti(import.meta.url, { alias: { '#shared': at('shared'), '#server': at('server') } })
  const modules = ['server/db/pool', 'server/db/identity', 'server/db/errors', 'server/domain/ticket/import', 'shared/schemas/import', 'shared/permissions']
  const loaded = await Promise.all(modules.map(path => jiti.import<object>(at(`${path}.ts`))))
  return Object.assign({}, ...loaded) as Server
}

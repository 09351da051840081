import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

/** The server modules that scripts, benches and tests load outside of Nitro, by path. */
interface ServerModules {
  'server/adapters/storage': typeof import('#server/adapters/storage')
  'server/db/errors': typeof import('#server/db/errors')
  'server/db/identity': typeof import('#server/db/identity')
  'server/db/pool': typeof import('#server/db/pool')
  'server/domain/article/article': typeof import('#server/domain/article/article')
  'server/domain/article/category': typeof import('#server/domain/article/category')
  'server/domain/article/draft': typeof import('#server/domain/article/draft')
  'server/domain/article/image': typeof import('#server/domain/article/image')
  'server/domain/article/reading': typeof import('#server/domain/article/reading')
  'server/domain/article/suggest': typeof import('#server/domain/article/suggest')
  'server/domain/attachment/content-type': typeof import('#server/domain/attachment/content-type')
  'server/domain/attachment/file-name': typeof import('#server/domain/attachment/file-name')
  'server/domain/attachment/upload': typeof import('#server/domain/attachment/upload')
  'server/domain/export': typeof import('#server/domain/export')
  'server/domain/member': typeof import('#server/domain/member')
  'server/domain/category/delete': typeof import('#server/domain/category/delete')
  'server/domain/search': typeof import('#server/domain/search')
  'server/domain/team': typeof import('#server/domain/team')
  'server/domain/sla/report': typeof import('#server/domain/sla/report')
  'server/domain/sla/simulate': typeof import('#server/domain/sla/simulate')
  'server/domain/sla/simulation': typeof import('#server/domain/sla/simulation')
  'server/domain/ticket/bulk': typeof import('#server/domain/ticket/bulk')
  'server/domain/ticket/exchange': typeof import('#server/domain/ticket/exchange')
  'server/domain/ticket/filter': typeof import('#server/domain/ticket/filter')
  'server/domain/ticket/import': typeof import('#server/domain/ticket/import')
  'server/domain/ticket/list': typeof import('#server/domain/ticket/list')
  'server/jobs/bulk-operations': typeof import('#server/jobs/bulk-operations')
  'server/jobs/cleanups': typeof import('#server/jobs/cleanups')
  'server/jobs/close-resolved-tickets': typeof import('#server/jobs/close-resolved-tickets')
  'server/jobs/sweep-uploads': typeof import('#server/jobs/sweep-uploads')
  'shared/article': typeof import('#shared/article')
  'shared/attachment': typeof import('#shared/attachment')
  'shared/permissions': typeof import('#shared/permissions')
  'shared/schemas/article-file': typeof import('#shared/schemas/article-file')
  'shared/schemas/attachment': typeof import('#shared/schemas/attachment')
  'shared/schemas/import': typeof import('#shared/schemas/import')
  'shared/schemas/ticket': typeof import('#shared/schemas/ticket')
  'shared/utils/search-query': typeof import('#shared/utils/search-query')
}

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const jiti = createJiti(import.meta.url)

let loading = Promise.resolve()

/**
 * Loads a server module with jiti, because Node does not resolve its relative imports without extension. Loads one module at a
 * time: jiti evaluates a module twice when two imports request it concurrently, and the pool would exist twice.
 */
export function loadModule<Path extends keyof ServerModules>(path: Path): Promise<ServerModules[Path]> {
  const loaded = loading.then(() => jiti.import<ServerModules[Path]>(at(`${path}.ts`)))
  loading = loaded.then(
    () => {},
    () => {} // the caller handles the error
  )
  return loaded
}

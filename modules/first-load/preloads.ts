import type { Plugin } from 'vite'

/**
 * Vite lists the scripts to preload in every dynamic import. Omits those that the importing script or the entry has already
 * loaded, which would be 5 % of the script of a page.
 */
export function omitLoadedPreloads(): Plugin {
  const loaded = new Map<string, Set<string>>()
  return {
    name: 'first-load:preloads',
    config: () => ({
      build: {
        modulePreload: { resolveDependencies: (_, dependencies, { hostId }) => dependencies.filter(name => !loaded.get(hostId)?.has(name)) }
      }
    }),
    generateBundle: {
      order: 'pre',
      handler(_, bundle) {
        const chunks = Object.values(bundle).filter(output => output.type === 'chunk')
        const imports = new Map(chunks.map(chunk => [chunk.fileName, chunk.imports]))
        const entries = chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName)
        for (const { fileName } of chunks) loaded.set(fileName, reachable([fileName, ...entries], imports))
      }
    }
  }
}

function reachable(from: string[], imports: ReadonlyMap<string, string[]>): Set<string> {
  const found = new Set(from)
  for (const name of found) for (const imported of imports.get(name) ?? []) found.add(imported)
  return found
}

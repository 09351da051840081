import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addVitePlugin, defineNuxtModule } from '@nuxt/kit'
import type { Plugin } from 'vite'

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

// The three ways to show the sidebar on a narrow screen, of which a wide one needs none.
const menu = /^\.\/(Drawer|Modal|Slideover)\.vue$/

/**
 * Keeps out of the first load what no first view needs, where a library imports all it has: `npm run budget` shows the
 * result. Browser only; the server has no first load.
 */
export default defineNuxtModule({
  meta: { name: 'first-load' },
  setup() {
    addVitePlugin(
      {
        name: 'first-load',
        enforce: 'pre',
        async resolveId(source, importer = '') {
          // One module names the parts of menus, comboboxes, calendars and more: shared, it would hold all of them in one chunk.
          if (source === 'reka-ui/namespaced') {
            const shared = await this.resolve(source, importer, { skipSelf: true })
            return shared && `${shared.id}?for=${basename(importer.split('?')[0]!)}`
          }
          if (importer.includes('/@supabase/supabase-js/') && /^@supabase\/(?:storage|postgrest|functions)-js$/.test(source))
            return file('supabase-data.ts')
          if (importer.includes('/@supabase/auth-js/') && source.endsWith('/webauthn')) return file('supabase-webauthn.ts')
          if (importer.includes('/components/Table.vue') && source === '@tanstack/vue-virtual') return file('table-virtualizer.ts')
          if (importer.includes('/components/DashboardSidebar.vue') && menu.test(source)) return `\0first-load:${menu.exec(source)![1]}`
        },
        async load(id) {
          if (/\/namespaced\/index\.mjs\?for=/.test(id)) return await readFile(id.split('?')[0]!, 'utf8')
          const name = /^\0first-load:(\w+)$/.exec(id)?.[1]
          if (name)
            return `import { onFirstOpen } from ${JSON.stringify(file('on-first-open.ts'))}\nexport default onFirstOpen(() => import('@nuxt/ui/components/${name}.vue'))`
        }
      },
      { server: false }
    )
    addVitePlugin(preloads(), { server: false })
  }
})

// A dynamic import names all scripts that come with it, to be fetched at once. Those that the script it stands in has come
// with itself are there already: naming them would be a twentieth of the page's own script.
function preloads(): Plugin {
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

import { fileURLToPath } from 'node:url'
import { addVitePlugin, defineNuxtModule } from '@nuxt/kit'
import { authClient, patchClock } from './patch-clock.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const sessionFetch = '\0session:fetch'

const boundFetch = 'export const $fetch = globalThis.$fetch'

function bindLate(code: string): string {
  if (!code.includes(boundFetch)) throw new Error('Nuxt no longer creates $fetch as modules/session expects')
  return code.replace(
    boundFetch,
    () => 'export const $fetch = Object.assign((...parameters) => globalThis.$fetch(...parameters), globalThis.$fetch)'
  )
}

/**
 * Makes the browser's Supabase client robust against a wrong local clock and short outages of the server. The dev server bundles
 * dependencies before plugins run, so that the auth client uses the local clock there.
 */
export default defineNuxtModule({
  meta: { name: 'session' },
  setup(_, nuxt) {
    // Nuxt binds `$fetch` when it is first imported, but app/plugins/requests.client.ts replaces the global one later.
    nuxt.hook('app:templates', ({ templates }) => {
      const template = templates.find(({ filename }) => filename === 'fetch.mjs')
      const write = template?.getContents
      if (!write) throw new Error('Nuxt no longer creates $fetch as modules/session expects')
      template.getContents = async data => bindLate(await write(data))
    })
    addVitePlugin(
      {
        name: 'session',
        enforce: 'pre',
        resolveId(source, importer = '') {
          if (source.endsWith('/fetch-retry.js') && importer.includes('/@nuxtjs/supabase/')) return sessionFetch
        },
        load(id) {
          if (id === sessionFetch)
            return `export { sessionFetch as fetchWithRetry } from ${JSON.stringify(file('../../app/utils/session/session-fetch.ts'))}`
        },
        transform(code, id) {
          if (authClient.test(id.split('?')[0]!)) return patchClock(code)
        }
      },
      { server: false }
    )
  }
})

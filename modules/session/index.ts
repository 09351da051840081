import { fileURLToPath } from 'node:url'
import { addVitePlugin, defineNuxtModule } from '@nuxt/kit'
import { authClient, judgeByServerTime } from './judge-by-server-time.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const sessionFetch = '\0session:fetch'

const bound = 'export const $fetch = globalThis.$fetch'

function bindLate(code: string): string {
  if (!code.includes(bound)) throw new Error('Nuxt makes $fetch in another way than modules/session expects')
  return code.replace(
    bound,
    () => 'export const $fetch = Object.assign((...parameters) => globalThis.$fetch(...parameters), globalThis.$fetch)'
  )
}

/**
 * Makes the browser's Supabase client safe against a wrong clock and a server that refuses for a moment. The dev server
 * bundles dependencies before plugins see them, so there the auth client goes by the machine's clock.
 */
export default defineNuxtModule({
  meta: { name: 'session' },
  setup(_, nuxt) {
    // Nuxt binds its `$fetch` when it is first imported; app/plugins/requests.client.ts puts ours in its place later.
    nuxt.hook('app:templates', ({ templates }) => {
      const template = templates.find(({ filename }) => filename === 'fetch.mjs')
      const write = template?.getContents
      if (!write) throw new Error('Nuxt makes $fetch in another way than modules/session expects')
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
          if (authClient.test(id.split('?')[0]!)) return judgeByServerTime(code)
        }
      },
      { server: false }
    )
  }
})

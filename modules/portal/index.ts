import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addTypeTemplate, defineNuxtModule } from '@nuxt/kit'
import { build } from 'vite'

const script = fileURLToPath(new URL('../../portal/script.ts', import.meta.url))
const yearSeconds = 31_536_000

/**
 * Builds portal/script.ts into one file beside the scripts of the app, with a name that changes with its content. It is a build of its
 * own, because in the app's build it would share the chunk that all pages load first. The server imports its address from
 * `#portal-script`. The dev server serves the source.
 */
export default defineNuxtModule({
  meta: { name: 'portal' },
  async setup(_, nuxt) {
    let address = `/_nuxt/@fs${script}`
    if (!nuxt.options.dev && !nuxt.options._prepare) {
      const { fileName, code } = await buildScript()
      const dir = join(nuxt.options.buildDir, 'portal')
      address = `/_nuxt/${fileName}`
      // Nuxt empties its folder before.
      nuxt.hook('build:before', async () => {
        await mkdir(dir, { recursive: true })
        await writeFile(join(dir, fileName), code)
      })
      nuxt.hook('nitro:config', config => {
        config.publicAssets ??= []
        config.publicAssets.push({ dir, baseURL: '/_nuxt', maxAge: yearSeconds })
      })
    }
    addTypeTemplate(
      {
        filename: 'types/portal-script.d.ts',
        getContents: () => `declare module '#portal-script' {\n  const address: string\n  export default address\n}\n`
      },
      { nuxt: true, nitro: true, node: true, shared: true }
    )
    nuxt.hook('nitro:config', config => {
      config.virtual ??= {}
      config.virtual['#portal-script'] = `export default ${JSON.stringify(address)}`
    })
  }
})

async function buildScript(): Promise<{ fileName: string; code: string }> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: script, output: { format: 'iife', entryFileNames: 'portal.[hash].js' } }
    }
  })
  const [bundle] = [result].flat()
  if (!bundle || !('output' in bundle)) throw new Error('Vite built no script of the portal')
  return bundle.output[0]
}

import { fileURLToPath } from 'node:url'
import { addVitePlugin, defineNuxtModule } from '@nuxt/kit'
import { omitLoadedPreloads } from './preloads.ts'
import { standIns } from './stand-ins.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Replaces modules that libraries import but no view needs, to keep them out of the browser's first load (kB gzip): Supabase's
 * clients for data 12, UTable's virtualizer 10, the sidebar's menus 16. The build fails unless each stand-in replaces exactly one
 * import. `npm run budget` shows the result.
 */
export default defineNuxtModule({
  meta: { name: 'first-load' },
  setup() {
    addVitePlugin(
      standIns([
        { source: '@supabase/storage-js', importer: '/@supabase/supabase-js/', file: file('supabase-data.ts') },
        { source: '@supabase/postgrest-js', importer: '/@supabase/supabase-js/', file: file('supabase-data.ts') },
        { source: '@supabase/functions-js', importer: '/@supabase/supabase-js/', file: file('supabase-data.ts') },
        { source: '@tanstack/vue-virtual', importer: '/components/Table.vue', file: file('table-virtualizer.ts') },
        {
          source: './Slideover.vue',
          importer: '/components/DashboardSidebar.vue',
          file: file('../../app/components/layout/LayoutSidebarMenu.vue')
        },
        { source: './Modal.vue', importer: '/components/DashboardSidebar.vue', file: file('sidebar-mode.ts') },
        { source: './Drawer.vue', importer: '/components/DashboardSidebar.vue', file: file('sidebar-mode.ts') }
      ]),
      { server: false }
    )
    addVitePlugin(omitLoadedPreloads(), { server: false })
  }
})

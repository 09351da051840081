// npm run demo:files: draws the pictures and the PDF of the demo from the pages in supabase/demo/pages.
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from '@playwright/test'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { requireBrowser } from './browser.ts'

const folder = join(projectRoot, 'supabase', 'demo')
const browser = await chromium.launch({ executablePath: await requireBrowser() })
try {
  const page = await browser.newPage()
  for (const name of await readdir(join(folder, 'pages'))) {
    const source = join(folder, 'pages', name)
    await page.goto(pathToFileURL(source).href)
    const target = join(folder, 'files', basename(name, '.html'))
    const picture = page.locator('main')
    if ((await readFile(source, 'utf8')).includes('prefers-color-scheme')) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await picture.screenshot({ path: `${target}-${colorScheme}.png` })
      }
      await page.emulateMedia({ colorScheme: null })
    } else if ((await picture.count()) > 0) await picture.screenshot({ path: `${target}.png` })
    else await page.pdf({ path: `${target}.pdf`, preferCSSPageSize: true })
  }
} finally {
  await browser.close()
}

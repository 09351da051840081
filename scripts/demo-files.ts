// npm run demo:files: draws the pictures and the PDF of the demo from the pages in supabase/demo/pages.
import { readdir } from 'node:fs/promises'
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
    await page.goto(pathToFileURL(join(folder, 'pages', name)).href)
    const target = join(folder, 'files', basename(name, '.html'))
    const picture = page.locator('main')
    if ((await picture.count()) > 0) await picture.screenshot({ path: `${target}.png` })
    else await page.pdf({ path: `${target}.pdf`, preferCSSPageSize: true })
  }
} finally {
  await browser.close()
}

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './test.ts'

type AxeNode = Awaited<ReturnType<AxeBuilder['analyze']>>['violations'][number]['nodes'][number]

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** The rules whose result depends on colours. All others give the same result in both themes, so they run once. */
const colourRules = ['color-contrast', 'link-in-text-block']

/**
 * No violation of WCAG 2.2 A and AA that axe can find, light and dark. While a dialog is open, only the dialog is checked.
 * `rules: 'colours'` is for a page that was checked before, and has other colours now.
 */
export async function expectAccessible(
  page: Page,
  place = 'the page',
  { rules = 'all' }: { rules?: 'all' | 'colours' } = {}
): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    // The app sets a class. Pages of the portal have none, and follow the setting by their style sheet.
    await expect(page.locator('html')).not.toHaveClass(colorScheme === 'light' ? /\bdark\b/ : /\blight\b/)
    await waitForAnimations(page)
    const axe = await createAxe(page)
    if (colorScheme === 'light' && rules === 'all') axe.withTags(standards)
    else axe.withRules(colourRules)
    if (await page.getByRole('dialog').count()) axe.include('[role="dialog"]')
    const { violations } = await axe.analyze()
    const found: string[] = []
    for (const { id, nodes } of violations) {
      for (const node of nodes) {
        if (id === 'target-size' && (await isScrolledUnderHeader(page, node))) continue
        found.push(`${id}: ${node.target.join(' ')}: ${node.failureSummary}`)
      }
    }
    expect(found, `${place}, ${colorScheme}`).toEqual([])
  }
}

// A row that is scrolled half under the sticky header of its table comes too close to the header's targets. Its place there is not its
// layout: people scroll it out.
async function isScrolledUnderHeader(page: Page, { target, any }: AxeNode): Promise<boolean> {
  const neighbours = any.flatMap(({ relatedNodes = [] }) => relatedNodes.map(node => String(node.target)))
  return page.evaluate(
    ({ target, neighbours }) => {
      const section = (selector: string) => document.querySelector(selector)?.closest('thead, tbody')
      const own = section(target)
      const table = own?.parentElement
      const others = neighbours.map(section)
      const isHeaderOrRow = others.length > 0 && others.every(other => other && other !== own && other.parentElement === table)
      return isHeaderOrRow && table?.parentElement?.scrollTop !== 0
    },
    { target: String(target), neighbours }
  )
}

// During a transition, axe would measure an intermediate colour.
async function waitForAnimations(page: Page): Promise<void> {
  await page.evaluate(() => {
    const finite = document.getAnimations().filter(animation => animation.effect?.getComputedTiming().iterations !== Infinity)
    return Promise.allSettled(finite.map(animation => animation.finished))
  })
}

// AxeBuilder evaluates the 560 kB of axe twice in each run. A page that already has axe gets an empty script instead.
async function createAxe(page: Page): Promise<AxeBuilder> {
  const hasAxe = await page.evaluate(() => 'axe' in window)
  // For passed rules, axe builds the selector of one element instead of all, which took most of its time.
  return new AxeBuilder({ page, axeSource: hasAxe ? ';' : undefined }).options({ resultTypes: ['violations'] }).setLegacyMode()
}

/** Nothing is wider than the window. */
export async function expectToFit(page: Page, place = 'the page'): Promise<void> {
  await expect
    .poll(async () => await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), place)
    .toBe(0)
}

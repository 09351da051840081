import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './test.ts'

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** The rules whose result depends on colours. All others give the same result in both themes, so they run once. */
const colourRules = ['color-contrast', 'link-in-text-block']

/** No violation of WCAG 2.2 A and AA that axe can find, light and dark. While a dialog is open, only the dialog is checked. */
export async function expectAccessible(page: Page, place = 'the page'): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expect(page.locator('html')).toHaveClass(new RegExp(`\\b${colorScheme}\\b`))
    await waitForAnimations(page)
    const axe = await createAxe(page)
    if (colorScheme === 'light') axe.withTags(standards)
    else axe.withRules(colourRules)
    if (await page.getByRole('dialog').count()) axe.include('[role="dialog"]')
    const { violations } = await axe.analyze()
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`)
    )
    expect(found, `${place}, ${colorScheme}`).toEqual([])
  }
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

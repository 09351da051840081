import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './test.ts'

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** The rules that depend on colours. All other rules have the same result in both themes, so they run once. */
const colourRules = ['color-contrast', 'link-in-text-block']

/** Expects no violation of WCAG 2.2 A and AA that axe finds, in both themes. While a dialog is open, checks only the dialog. */
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

// Colours must not be measured during a transition.
async function waitForAnimations(page: Page): Promise<void> {
  await page.evaluate(() => {
    const finite = document.getAnimations().filter(animation => animation.effect?.getComputedTiming().iterations !== Infinity)
    return Promise.allSettled(finite.map(animation => animation.finished))
  })
}

// AxeBuilder evaluates the 560 kB of axe twice in each run. A page that has axe already gets an empty script instead.
async function createAxe(page: Page): Promise<AxeBuilder> {
  const hasAxe = await page.evaluate(() => 'axe' in window)
  // Axe then names one element per passed rule instead of all, whose selectors took most of its time.
  return new AxeBuilder({ page, axeSource: hasAxe ? ';' : undefined }).options({ resultTypes: ['violations'] }).setLegacyMode()
}

/** Expects that nothing is wider than the window. */
export async function expectToFit(page: Page, place = 'the page'): Promise<void> {
  await expect
    .poll(async () => await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), place)
    .toBe(0)
}

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './test.ts'

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** The rules whose answer depends on colours. Everything else is the same in both themes: one run is enough. */
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

// A colour in the middle of a transition is not the colour that people read.
async function waitForAnimations(page: Page): Promise<void> {
  await page.evaluate(() => {
    const finite = document.getAnimations().filter(animation => animation.effect?.getComputedTiming().iterations !== Infinity)
    return Promise.allSettled(finite.map(animation => animation.finished))
  })
}

// AxeBuilder evaluates the 560 kB of axe twice in each run. A page that has axe gets an empty script instead.
async function createAxe(page: Page): Promise<AxeBuilder> {
  const hasAxe = await page.evaluate(() => 'axe' in window)
  // For what passes, axe names one element of each rule instead of all: most of its time went into their selectors.
  return new AxeBuilder({ page, axeSource: hasAxe ? ';' : undefined }).options({ resultTypes: ['violations'] }).setLegacyMode()
}

/** Nothing is wider than the window. */
export async function expectToFit(page: Page, place = 'the page'): Promise<void> {
  await expect
    .poll(async () => await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), place)
    .toBe(0)
}

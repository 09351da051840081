import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './test.ts'

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** No violation of WCAG 2.2 A and AA that axe can find, light and dark. Of an open dialog alone where there is one: what lies beneath is checked on its own. */
export async function expectAccessible(page: Page, place = 'the page'): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expect(page.locator('html')).toHaveClass(new RegExp(`\\b${colorScheme}\\b`))
    // What has just been opened moves for a moment: colours count when it stands.
    await page.evaluate(() =>
      Promise.allSettled(
        document
          .getAnimations()
          .filter(animation => animation.effect?.getComputedTiming().iterations !== Infinity)
          .map(animation => animation.finished)
      )
    )
    const axe = new AxeBuilder({ page }).withTags(standards).setLegacyMode()
    if (await page.getByRole('dialog').count()) axe.include('[role="dialog"]')
    const { violations } = await axe.analyze()
    expect(
      violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`)),
      `${place}, ${colorScheme}`
    ).toEqual([])
  }
}

/** Nothing is wider than the window. */
export async function expectToFit(page: Page, place = 'the page'): Promise<void> {
  await expect
    .poll(async () => await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), place)
    .toBe(0)
}

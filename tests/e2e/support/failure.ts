import type { Locator, Page } from '@playwright/test'

/** Requests that fail with 503. */
export interface Failure {
  /** Fails again after a retry. */
  fail(): void
  /**
   * Clicks `button` and lets requests through from then on. Requests of the page itself are held until the click: a refetch after a
   * change or a connection would succeed first, and take the button away.
   */
  retry(button: Locator): Promise<void>
}

/** Fails the requests of `page` to these URLs. */
export async function failRequests(page: Page, url: string | RegExp): Promise<Failure> {
  let isFailing = true
  let released: Promise<unknown> = Promise.resolve()
  await page.route(url, async route => {
    if (isFailing) return route.fulfill({ status: 503, json: { statusCode: 503, message: 'The database is not there' } })
    await released
    return route.continue()
  })
  return {
    fail: () => void (isFailing = true),
    async retry(button) {
      const { promise, resolve } = Promise.withResolvers<null>()
      released = promise
      isFailing = false
      await button.click()
      resolve(null)
    }
  }
}

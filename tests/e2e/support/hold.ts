import type { Page } from '@playwright/test'

/** Holds the requests to `url`, a glob, until the returned function is called. Later ones pass. */
export async function holdRequests(page: Page, url: string): Promise<() => void> {
  const { promise: isReleased, resolve } = Promise.withResolvers<undefined>()
  await page.route(url, async route => {
    await isReleased
    await route.fallback()
  })
  return () => resolve(undefined)
}

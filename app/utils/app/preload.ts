/**
 * Preloads code chunks; returns whether all loaded. Failures are ignored here, because they would be unhandled rejections
 * whenever the network fails: the code that needs a chunk loads it again and shows the failure.
 */
export async function preload(...loads: (() => Promise<unknown>)[]): Promise<boolean> {
  const results = await Promise.allSettled(loads.map(load => load()))
  return results.every(({ status }) => status === 'fulfilled')
}

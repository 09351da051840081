/**
 * Loads code before anybody asks for it; answers whether all of it came. What did not come is loaded again by whatever
 * needs it, which then shows the failure: here it would be an unhandled rejection each time the network goes.
 */
export async function preload(...loads: (() => Promise<unknown>)[]): Promise<boolean> {
  const results = await Promise.allSettled(loads.map(load => load()))
  return results.every(({ status }) => status === 'fulfilled')
}

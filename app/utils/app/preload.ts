/** Preloads code chunks, unless the browser is set to save data. A failed chunk loads again when it is needed. */
export async function preload(...loads: (() => Promise<unknown>)[]): Promise<void> {
  if (!savesData()) await tryLoad(...loads)
}

/**
 * Loads code chunks; returns whether all loaded. Failures are ignored here, because they would be unhandled rejections
 * whenever the network fails: the code that needs a chunk loads it again and shows the failure.
 */
export async function tryLoad(...loads: (() => Promise<unknown>)[]): Promise<boolean> {
  const results = await Promise.allSettled(loads.map(load => load()))
  return results.every(({ status }) => status === 'fulfilled')
}

// https://wicg.github.io/savedata/, implemented by Chromium only.
function savesData(): boolean {
  return (navigator as Navigator & { connection?: { saveData?: boolean } }).connection?.saveData ?? false
}

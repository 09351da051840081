/**
 * Calls `runBatch` until it answers 0 or `stopping` is aborted, and answers the sum. Each batch is a transaction of its own, so
 * that nobody waits for more than one of them, and what is cut off has kept its part.
 */
export async function runBatches(stopping: AbortSignal, runBatch: () => Promise<number>): Promise<number> {
  let total = 0
  while (!stopping.aborted) {
    const count = await runBatch()
    if (count === 0) break
    total += count
  }
  return total
}

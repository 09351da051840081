/**
 * Calls `runBatch` until it returns 0 or `stopping` is aborted, and returns the sum. Make each batch a separate transaction: others then
 * wait for one batch at most, and an interrupted run keeps the batches that it finished.
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

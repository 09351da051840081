import { measureSync, percentile, percentiles } from '../e2e/support/sync.ts'
import { expect, test } from '../e2e/support/test.ts'

// The goal is a p95 of 100 ms: printed here, and by bench/sync-latency.ts on a quiet machine. What may fail on a busy
// one is the median.
test('each of a hundred changes of one agent reaches the other without delay', async ({ signedIn }) => {
  const { fromAnswer, fromRequest } = await measureSync(signedIn, 100)
  const delays = `from the answer: ${percentiles(fromAnswer)}; from the request: ${percentiles(fromRequest)}; ${fromAnswer.length} changes`
  process.stdout.write(`sync p95: ${percentile(fromAnswer, 0.95)} ms (${delays})\n`)
  expect(fromAnswer).toHaveLength(100)
  expect(percentile(fromAnswer, 0.5)).toBeLessThanOrEqual(100)
})

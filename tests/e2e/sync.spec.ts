import { measureSync, percentile, percentiles } from './support/sync.ts'
import { expect, test } from './support/test.ts'

test('two agents see each other\'s changes within 100 ms', async ({ signedIn }) => {
  const { fromAnswer, fromRequest } = await measureSync(signedIn, 100)
  process.stdout.write(`sync p95: ${percentile(fromAnswer, 0.95)} ms (from the answer: ${percentiles(fromAnswer)}; from the request: ${percentiles(fromRequest)}; ${fromAnswer.length} changes)\n`)
  expect(fromAnswer).toHaveLength(100)
  expect(percentile(fromAnswer, 0.95)).toBeLessThanOrEqual(100)
})

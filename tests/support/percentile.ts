/** "p50 12 ms, p95 31 ms, max 40 ms" */
export function percentiles(values: number[]): string {
  return `p50 ${percentile(values, 0.5)} ms, p95 ${percentile(values, 0.95)} ms, max ${percentile(values, 1)} ms`
}

/** The smallest value that is not less than `share` of all. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN
}

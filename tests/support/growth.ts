/**
 * The factor by which the CPU time of `work` grows when its input grows by `factor`: about `factor` for linear time, about its
 * square for quadratic time. Measures this thread only, and repeats up to `tries` times while the result is `enough` or more,
 * because a busy machine distorts single measurements.
 */
export function measureGrowth(
  work: (size: number) => void,
  { size, factor = 8, tries = 6, enough = 2 * factor }: { size: number; factor?: number; tries?: number; enough?: number }
): number {
  let least = Infinity
  for (let attempt = 0; attempt < tries && least >= enough; attempt++) {
    const small = cpuTime(() => work(size))
    least = Math.min(least, cpuTime(() => work(size * factor)) / small)
  }
  return least
}

// Microseconds of CPU time of one run, averaged over enough runs to be measurable.
function cpuTime(run: () => void): number {
  const before = process.threadCpuUsage()
  for (let runs = 1; ; runs++) {
    run()
    const { user, system } = process.threadCpuUsage(before)
    if (user + system >= 1_000) return (user + system) / runs
  }
}

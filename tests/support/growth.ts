/**
 * How many times as much processor time `work` takes for an input of `factor` times the size: about `factor` where its
 * time grows with the size, about its square where it grows with the square. In time of this thread alone, and measured
 * again where it is `enough` or more: what a busy machine does to one measurement it does not do to each of them.
 */
export function growth(
  work: (size: number) => void,
  { size, factor = 8, tries = 6, enough = 2 * factor }: { size: number; factor?: number; tries?: number; enough?: number }
): number {
  let least = Infinity
  for (let attempt = 0; attempt < tries && least >= enough; attempt++) {
    const small = spent(() => work(size))
    least = Math.min(least, spent(() => work(size * factor)) / small)
  }
  return least
}

// Microseconds of one run, of as many as it takes to measure them.
function spent(run: () => void): number {
  const before = process.threadCpuUsage()
  for (let runs = 1; ; runs++) {
    run()
    const { user, system } = process.threadCpuUsage(before)
    if (user + system >= 1_000) return (user + system) / runs
  }
}

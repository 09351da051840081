/**
 * How many times as much processor time `work` takes for an input of `factor` times the size: about `factor` where its
 * time grows with the size, about its square where it grows with the square. The least of several runs counts, in time
 * of this thread alone, so that a busy machine changes little.
 */
export function growth(work: (size: number) => void, { size, factor = 8, runs = 5 }: { size: number, factor?: number, runs?: number }): number {
  return least(() => work(size * factor), runs) / least(() => work(size), runs)
}

// A run is repeated until it took long enough to be measured.
function least(run: () => void, runs: number): number {
  let best = Infinity
  for (let count = 0; count < runs; count++) {
    let repeats = 0
    const before = process.threadCpuUsage()
    let spent = 0
    while (spent < 2_000) {
      run()
      repeats++
      const { user, system } = process.threadCpuUsage(before)
      spent = user + system
    }
    best = Math.min(best, spent / repeats)
  }
  return best
}

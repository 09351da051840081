/** At most `max` requests hold the same `key` at once. */
export interface Turn {
  key: string
  max: number
}

interface Queue {
  active: number
  waiting: (() => void)[]
}

const queues = new Map<string, Queue>()

/**
 * Runs `work` while it holds all of `turns`. It waits for them in order, so put the narrowest first. Each process counts turns in its
 * memory. Throws `refusal()` after `waitMs` of waiting.
 */
export async function runInTurn<T>(turns: Turn[], work: () => Promise<T>, refusal: () => unknown, waitMs = 10_000): Promise<T> {
  const deadline = performance.now() + waitMs
  const held: string[] = []
  try {
    for (const turn of turns) {
      if (!(await acquire(turn, deadline - performance.now()))) throw refusal()
      held.push(turn.key)
    }
    return await work()
  } finally {
    for (const key of held.reverse()) release(key)
  }
}

function acquire({ key, max }: Turn, waitMs: number): Promise<boolean> | boolean {
  const queue = queues.get(key) ?? { active: 0, waiting: [] }
  queues.set(key, queue)
  if (queue.active < max) {
    queue.active++
    return true
  }
  return new Promise(resolve => {
    const admit = () => {
      clearTimeout(timer)
      resolve(true)
    }
    const timer = setTimeout(
      () => {
        queue.waiting.splice(queue.waiting.indexOf(admit), 1)
        resolve(false)
      },
      Math.max(0, waitMs)
    )
    queue.waiting.push(admit)
  })
}

// The turn passes to the request that has waited longest, if any.
function release(key: string): void {
  const queue = queues.get(key)!
  const next = queue.waiting.shift()
  if (next) next()
  else if (--queue.active === 0) queues.delete(key)
}

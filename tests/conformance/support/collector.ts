/** Collects items as they arrive, and lets tests wait for them. Waiting removes no item. */
export class Collector<Item> {
  readonly items: Item[] = []
  #waiting: (() => void)[] = []

  push(item: Item): void {
    this.items.push(item)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** Waits for an item that matches. @returns the first match */
  async find(matches: (item: Item) => boolean, withinMs = 5_000): Promise<Item> {
    const items = await this.until(items => items.some(matches), withinMs)
    return items.find(matches) as Item
  }

  /** Waits for at least `count` items. @returns all items */
  async take(count: number, withinMs = 5_000): Promise<Item[]> {
    return this.until(items => items.length >= count, withinMs)
  }

  clear(): void {
    this.items.length = 0
  }

  async until(isEnough: (items: Item[]) => boolean, withinMs: number): Promise<Item[]> {
    const deadline = Date.now() + withinMs
    while (!isEnough(this.items)) {
      const left = deadline - Date.now()
      if (left <= 0) throw new Error(`Timed out after ${withinMs} ms. Items so far: ${JSON.stringify(this.items).slice(0, 2_000)}`)
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>(resolve => {
        timer = setTimeout(resolve, left)
        this.#waiting.push(resolve)
      })
      clearTimeout(timer)
    }
    return this.items
  }
}

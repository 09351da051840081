/** What has arrived so far, and what will. */
export class Collector<Item> {
  readonly items: Item[] = []
  #waiting: (() => void)[] = []

  push(item: Item): void {
    this.items.push(item)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The first item that fits, now or within the time. */
  async find(fits: (item: Item) => boolean, withinMs = 5_000): Promise<Item> {
    const items = await this.until(items => items.some(fits), withinMs)
    return items.find(fits) as Item
  }

  /** Waits for so many items. */
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
      if (left <= 0) throw new Error(`Not within ${withinMs} ms; so far: ${JSON.stringify(this.items).slice(0, 2_000)}`)
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

/** A cache of at most `most` values, each for its own time; the oldest leave first. */
export class Recent<Value> {
  readonly #most: number
  readonly #entries = new Map<string, { value: Value; until: number }>()

  constructor(most: number) {
    this.#most = most
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return
    if (entry.until > performance.now()) return entry.value
    this.#entries.delete(key)
  }

  set(key: string, value: Value, milliseconds: number): void {
    this.#entries.delete(key) // so that it becomes the newest
    if (this.#entries.size >= this.#most) this.#entries.delete(this.#entries.keys().next().value!)
    this.#entries.set(key, { value, until: performance.now() + milliseconds })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }
}

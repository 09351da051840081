/** A cache of at most `max` values with a lifetime each. A full cache evicts the oldest value. */
export class Recent<Value> {
  readonly #max: number
  readonly #entries = new Map<string, { value: Value; until: number }>()

  constructor(max: number) {
    this.#max = max
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return
    if (entry.until > performance.now()) return entry.value
    this.#entries.delete(key)
  }

  set(key: string, value: Value, milliseconds: number): void {
    this.#entries.delete(key) // a Map keeps insertion order: this value becomes the newest
    if (this.#entries.size >= this.#max) this.#entries.delete(this.#entries.keys().next().value!)
    this.#entries.set(key, { value, until: performance.now() + milliseconds })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }
}

/** A rate limit with fixed windows. `take` returns false when the window's limit is exceeded. */
export class RateLimit {
  readonly #limit: number
  readonly #windowMs: number
  #windowStart = 0
  #count = 0

  constructor(limit: number, windowMs: number) {
    this.#limit = limit
    this.#windowMs = windowMs
  }

  take(count = 1): boolean {
    const now = Date.now()
    if (now - this.#windowStart >= this.#windowMs) {
      this.#windowStart = now
      this.#count = 0
    }
    this.#count += count
    return this.#count <= this.#limit
  }
}

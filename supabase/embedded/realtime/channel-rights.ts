import type { Authorizer, Caller, Extension } from './authorizer.ts'
import type { Identity } from './tokens.ts'

export interface ChannelRightsOptions {
  caller: Caller
  isPrivate: boolean
  readable: Set<Extension>
  /** Whether `renew` also checks presence. */
  hasPresence: boolean
}

/** The rights of one channel, cached until its next token. A public channel has all rights. */
export class ChannelRights {
  readonly #authorizer: Authorizer
  readonly #isPrivate: boolean
  #caller: Caller
  #readable: Set<Extension>
  #hasPresence: boolean
  readonly #writable = new Map<Extension, boolean>()

  constructor(authorizer: Authorizer, options: ChannelRightsOptions) {
    this.#authorizer = authorizer
    this.#caller = options.caller
    this.#isPrivate = options.isPrivate
    this.#readable = options.readable
    this.#hasPresence = options.hasPresence
  }

  canRead(extension: Extension): boolean {
    return this.#readable.has(extension)
  }

  /** Checks at the first write, then answers from the cache. */
  async canWrite(extension: Extension): Promise<boolean> {
    if (!this.#isPrivate) return true
    const known = this.#writable.get(extension)
    if (known !== undefined) return known
    const writable = await this.#authorizer.isWritable(this.#caller, extension)
    this.#writable.set(extension, writable)
    return writable
  }

  /** Checks presence for a channel that did not enable it in its join. */
  async addPresence(): Promise<boolean> {
    this.#hasPresence = true
    if (this.#isPrivate) {
      const readable = await this.#authorizer.readable(this.#caller, ['presence'])
      for (const extension of readable) this.#readable.add(extension)
    }
    return this.canRead('presence')
  }

  /** Checks again for a new token. @returns the reason to close the channel, or null */
  async renew(identity: Identity): Promise<string | null> {
    this.#caller = { ...this.#caller, identity }
    this.#writable.clear()
    if (!this.#isPrivate) return null
    const wanted: Extension[] = this.#hasPresence ? ['broadcast', 'presence'] : ['broadcast']
    const readable = await this.#authorizer.readable(this.#caller, wanted)
    if (readable.size === 0) return `You do not have permissions to read from this Channel topic: ${this.#caller.name}`
    const hasLost = [...this.#readable].some(extension => !readable.has(extension))
    this.#readable = readable
    return hasLost ? `You no longer have permission to read from this Channel topic: ${this.#caller.name}` : null
  }
}

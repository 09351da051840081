import type { Authorizer, Caller, Extension } from './authorizer.ts'
import type { Identity } from './tokens.ts'

export interface RightsStart {
  caller: Caller
  isPrivate: boolean
  readable: Set<Extension>
  /** Whether presence is asked about when rights are renewed. */
  hasPresence: boolean
}

/** What one channel may read and write, for as long as its token is the same. A public channel may do everything. */
export class ChannelRights {
  readonly #authorizer: Authorizer
  readonly #isPrivate: boolean
  #caller: Caller
  #readable: Set<Extension>
  #hasPresence: boolean
  readonly #writable = new Map<Extension, boolean>()

  constructor(authorizer: Authorizer, start: RightsStart) {
    this.#authorizer = authorizer
    this.#caller = start.caller
    this.#isPrivate = start.isPrivate
    this.#readable = start.readable
    this.#hasPresence = start.hasPresence
  }

  canRead(extension: Extension): boolean {
    return this.#readable.has(extension)
  }

  /** Asked at the first write, then remembered. */
  async canWrite(extension: Extension): Promise<boolean> {
    if (!this.#isPrivate) return true
    const known = this.#writable.get(extension)
    if (known !== undefined) return known
    const writable = await this.#authorizer.isWritable(this.#caller, extension)
    this.#writable.set(extension, writable)
    return writable
  }

  /** Asks for presence, which a channel need not have wanted when it joined. */
  async addPresence(): Promise<boolean> {
    this.#hasPresence = true
    if (this.#isPrivate) {
      const readable = await this.#authorizer.readable(this.#caller, ['presence'])
      for (const extension of readable) this.#readable.add(extension)
    }
    return this.canRead('presence')
  }

  /** Asks anew, for the next token. @returns why the channel may not go on, if so */
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

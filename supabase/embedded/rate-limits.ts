import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Seconds to wait, or null when there is budget. */
export type Wait = number | null

export type AuthLimits = {
  /** Refuses after 10 failed passwords of an account in 15 minutes. */
  signIn: Limit
  /** Refuses a sixth mail to a mailbox within the hour. */
  mailbox: Limit
  /** Failed secrets (passwords, mail tokens) from one address: a whole office or test run fits, a guesser does not. */
  failures: Limit
  /** Mails asked for from one address. */
  mails: Limit
}

export type Limit = {
  /** The wait for `key` without spending anything. */
  wait(key: string): Promise<Wait>
  /** Spends one; the wait when there was nothing left to spend. */
  spend(key: string): Promise<Wait>
  reset(key: string): Promise<void>
}

/**
 * Budgets of the auth endpoints. In memory: one process serves them. `factor` multiplies every budget
 * (AUTH_RATE_LIMIT_FACTOR), for load tests.
 */
export function createAuthLimits(factor: number): AuthLimits {
  return {
    signIn: createLimit(10 * factor, 900),
    mailbox: createLimit(5 * factor, 3600),
    failures: createLimit(500 * factor, 900),
    mails: createLimit(2_000 * factor, 3600)
  }
}

/** Variants of an address that reach one mailbox (case, spaces, plus tags) share its budget. */
export function mailboxKey(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase().replace(/\+[^@]*@/, '@')
}

function createLimit(points: number, seconds: number): Limit {
  const limiter = new RateLimiterMemory({ points: Math.max(1, Math.round(points)), duration: seconds })
  const toWait = (milliseconds: number) => Math.max(1, Math.ceil(milliseconds / 1000))
  return {
    async wait(key) {
      const state = await limiter.get(key)
      return state && state.remainingPoints <= 0 ? toWait(state.msBeforeNext) : null
    },
    async spend(key) {
      try {
        await limiter.consume(key)
        return null
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return toWait(refusal.msBeforeNext)
        throw refusal
      }
    },
    async reset(key) {
      await limiter.delete(key)
    }
  }
}

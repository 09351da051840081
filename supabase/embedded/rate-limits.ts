import type { Pool } from 'pg'
import { RateLimiterPostgres, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible'

/** Seconds to wait, or null when the budget is not spent. */
export type Wait = number | null

export type AuthLimits = {
  signIn: SignInLimit
  /** 5 mails to a mailbox in an hour. */
  mailbox: Limit
  /** 500 failed secrets (passwords, mail tokens) from a network in 15 minutes: enough for a whole office, too few for guessing. */
  failures: Limit
  /** Hosted's `max_frequency`: one mail of a kind to a mailbox in 60 seconds. */
  frequency: Limit
  /** Hosted's `email_sent`: the server-wide budget of mails in an hour. Charged when a mail is sent. */
  mails: Limit
  /** Session refreshes from a network, as in GoTrue: GOTRUE_RATE_LIMIT_TOKEN_REFRESH=150 in 5 minutes, bursts of 30. */
  refreshes: Pick<Limit, 'spend'>
  /**
   * Requests from a network to one endpoint that mails or verifies, as in GoTrue: GOTRUE_RATE_LIMIT_OTP=30 and
   * GOTRUE_RATE_LIMIT_VERIFY=30 in 5 minutes, bursts of 30.
   */
  requests: Pick<Limit, 'spend'>
}

/** The kinds of mail that `frequency` counts separately. GoTrue has a column for each: confirmation_sent_at, recovery_sent_at, … */
export type MailCause = 'confirmation' | 'recovery' | 'email_change'

/**
 * Limits failed passwords to 10 in 15 minutes per pair of account and network, so that a guesser locks out their own
 * network and never the owner of the account. After 100 failures for one account within an hour, from any networks, the limit is 3
 * per network: distributed guessing slows down, and the owner can still sign in. Hosted has no such limit: it counts by IP
 * address alone (docs/decisions/010).
 */
export type SignInLimit = {
  /** Checks without counting an attempt. */
  wait(account: string, network: string): Promise<Wait>
  fail(account: string, network: string): Promise<void>
  reset(account: string, network: string): Promise<void>
}

export type Limit = {
  /** Checks without spending. */
  wait(key: string): Promise<Wait>
  /** Spends one point. Returns the wait when none was left. */
  spend(key: string): Promise<Wait>
  reset(key: string): Promise<void>
}

/** Creates a counter of `points` in `seconds`. `name` is the prefix of its keys. */
export type CreateCounter = (name: string, points: number, seconds: number) => RateLimiterAbstract

const serverKey = 'all'

/** Creates counters in the table auth.rate_limits, which survive a restart. */
export function countInPostgres(pool: Pool): CreateCounter {
  return (name, points, seconds) =>
    new RateLimiterPostgres({
      storeClient: pool,
      storeType: 'pool',
      schemaName: 'auth',
      tableName: 'rate_limits',
      tableCreated: true,
      keyPrefix: name,
      points,
      duration: seconds
    })
}

/** Budgets of the auth endpoints. `factor` multiplies every budget (AUTH_RATE_LIMIT_FACTOR), for load tests. */
export function createAuthLimits(factor: number, createCounter: CreateCounter): AuthLimits {
  const createScaled: CreateCounter = (name, points, seconds) => createCounter(name, Math.max(1, Math.round(points * factor)), seconds)
  return {
    signIn: createSignInLimit(
      createScaled('sign_in', 10, 900),
      createScaled('sign_in_account', 100, 3600),
      Math.max(1, Math.round(3 * factor))
    ),
    mailbox: createLimit(createScaled('mailbox', 5, 3600)),
    failures: createLimit(createScaled('failures', 500, 900)),
    frequency: createLimit(createScaled('frequency', 1, 60)),
    mails: createLimit(createScaled('mails', 100, 3600)),
    // In memory: a refresh should cost no database write, and a restart that clears these counts helps no guesser.
    refreshes: createBucket(30 * factor, (150 * factor) / 300),
    requests: createBucket(30 * factor, (30 * factor) / 300)
  }
}

/**
 * Spends one mail from the budgets of the mailbox of `address`, whether or not an account exists: the answer must not reveal
 * it. `account` is the user who changes an address, and has budgets too, because each new address is another mailbox.
 * Returns the wait when one of these budgets or the server-wide budget is empty.
 */
export async function spendMail(limits: AuthLimits, cause: MailCause, address: string, account?: string): Promise<Wait> {
  const serverWait = await limits.mails.wait(serverKey)
  if (serverWait !== null) return serverWait
  const budgetKeys = [mailboxKey(address), ...(account ? [`account ${account}`] : [])]
  for (const budgetKey of budgetKeys) {
    const wait = (await limits.frequency.spend(`${cause} ${budgetKey}`)) ?? (await limits.mailbox.spend(budgetKey))
    if (wait !== null) return wait
  }
  return null
}

/**
 * Charges the server-wide budget for a mail that is sent (internal/api/mail.go, sendEmail). Requests that send no mail, such as
 * those for addresses without an account, do not count: they could otherwise use up the budget of everybody.
 */
export function chargeMail(limits: AuthLimits): Promise<Wait> {
  return limits.mails.spend(serverKey)
}

/** The budget key of a mailbox. Variants of its address (case, spaces, plus tags) have the same key. */
export function mailboxKey(email: string): string {
  return email
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/\+[^@]*@/, '@')
}

/** `reduced` is the limit per network for an account whose own budget of failures is spent. */
function createSignInLimit(pairs: RateLimiterAbstract, accounts: RateLimiterAbstract, reduced: number): SignInLimit {
  const pair = (account: string, network: string) => `${account} ${network}`
  return {
    async wait(account, network) {
      const [pairState, accountState] = await Promise.all([pairs.get(pair(account, network)), accounts.get(account)])
      const allowed = accountState && accountState.remainingPoints <= 0 ? reduced : pairs.points
      return pairState && pairState.consumedPoints >= allowed ? Math.max(1, Math.ceil(pairState.msBeforeNext / 1000)) : null
    },
    async fail(account, network) {
      await Promise.all([pairs.penalty(pair(account, network)), accounts.penalty(account)])
    },
    async reset(account, network) {
      await pairs.delete(pair(account, network))
    }
  }
}

/** A token bucket per key: holds `burst` tokens, refills `perSecond`. Drops full buckets when there are more than 10,000. */
export function createBucket(burst: number, perSecond: number, now: () => number = () => performance.now()): Pick<Limit, 'spend'> {
  // The time at which each bucket is full again, in milliseconds (generic cell rate algorithm).
  const fullAt = new Map<string, number>()
  const interval = 1000 / perSecond
  return {
    async spend(key) {
      const at = now()
      if (fullAt.size > 10_000) for (const [other, full] of fullAt) if (full <= at) fullAt.delete(other)
      const full = Math.max(fullAt.get(key) ?? at, at) + interval
      const wait = full - at - burst * interval
      if (wait > 0) return Math.max(1, Math.ceil(wait / 1000))
      fullAt.set(key, full)
      return null
    }
  }
}

function createLimit(limiter: RateLimiterAbstract): Limit {
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
      } catch (error) {
        if (error instanceof RateLimiterRes) return toWait(error.msBeforeNext)
        throw error
      }
    },
    async reset(key) {
      await limiter.delete(key)
    }
  }
}

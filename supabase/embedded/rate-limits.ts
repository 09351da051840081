import type { Pool } from 'pg'
import { RateLimiterPostgres, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible'

/** Seconds to wait, or null when there is budget. */
export type Wait = number | null

export type AuthLimits = {
  signIn: SignInLimit
  /** Refuses a sixth mail to a mailbox within the hour. */
  mailbox: Limit
  /** Failed secrets (passwords, mail tokens) from one network: a whole office or test run fits, a guesser does not. */
  failures: Limit
  /** Hosted's `max_frequency`: a mailbox gets one mail of a kind in 60 seconds. */
  frequency: Limit
  /** Hosted's `email_sent`: all mails of the auth server in an hour. Charged for what is sent. */
  mails: Limit
  /** Renewals of sessions from one network, as GoTrue counts them: GOTRUE_RATE_LIMIT_TOKEN_REFRESH=150 in 5 minutes, 30 at once. */
  refreshes: Pick<Limit, 'spend'>
  /** Requests of one network to an endpoint that mails or verifies: GOTRUE_RATE_LIMIT_OTP=30 and GOTRUE_RATE_LIMIT_VERIFY=30 in 5 minutes, 30 at once. */
  requests: Pick<Limit, 'spend'>
}

/** Mails of one kind share a pause, as the columns of auth.users that hosted reads: confirmation_sent_at, recovery_sent_at, email_change_sent_at. */
export type MailCause = 'confirmation' | 'recovery' | 'email_change'

/**
 * Failed passwords, counted for a pair of account and network: 10 in 15 minutes. Who guesses at an account shuts their own
 * network out and never its owner. An account that 100 passwords failed at within the hour, from wherever they came, leaves
 * each network 3: many networks guess less, and one that sends the right password at once is let in.
 */
export type SignInLimit = {
  /** The wait before another attempt, without spending anything. */
  wait(account: string, network: string): Promise<Wait>
  fail(account: string, network: string): Promise<void>
  reset(account: string, network: string): Promise<void>
}

export type Limit = {
  /** The wait for `key` without spending anything. */
  wait(key: string): Promise<Wait>
  /** Spends one; the wait when there was nothing left to spend. */
  spend(key: string): Promise<Wait>
  reset(key: string): Promise<void>
}

/** Makes a counter of `points` in `seconds`; `name` keeps its keys apart from those of others. */
export type CreateCounter = (name: string, points: number, seconds: number) => RateLimiterAbstract

const allMails = 'all'

/** Counters in auth.rate_limits, which a restart does not empty. */
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
  const scaled: CreateCounter = (name, points, seconds) => createCounter(name, Math.max(1, Math.round(points * factor)), seconds)
  return {
    signIn: createSignInLimit(scaled('sign_in', 10, 900), scaled('sign_in_account', 100, 3600), Math.max(1, Math.round(3 * factor))),
    mailbox: createLimit(scaled('mailbox', 5, 3600)),
    failures: createLimit(scaled('failures', 500, 900)),
    frequency: createLimit(scaled('frequency', 1, 60)),
    mails: createLimit(scaled('mails', 100, 3600)),
    // In memory: a renewal should cost no write, and an hour of a session is worth no guess.
    refreshes: createBucket(30 * factor, (150 * factor) / 300),
    requests: createBucket(30 * factor, (30 * factor) / 300)
  }
}

/**
 * Takes one mail to `address` from the budgets of its mailbox, whether there is an account to mail or not: the answer must not
 * tell. `account` is the person who changes their address: each new address would be another mailbox. Answers the seconds to
 * wait where one budget, or the common one, is empty.
 */
export async function spendMail(limits: AuthLimits, cause: MailCause, address: string, account?: string): Promise<Wait> {
  const empty = await limits.mails.wait(allMails)
  if (empty !== null) return empty
  const holders = [mailboxKey(address), ...(account ? [`account ${account}`] : [])]
  for (const holder of holders) {
    const wait = (await limits.frequency.spend(`${cause} ${holder}`)) ?? (await limits.mailbox.spend(holder))
    if (wait !== null) return wait
  }
  return null
}

/**
 * Charges the common budget for a mail that is sent (internal/api/mail.go: sendEmail). Requests that mail nobody, as those
 * for addresses without an account, would otherwise keep everybody else from being mailed.
 */
export function chargeMail(limits: AuthLimits): Promise<Wait> {
  return limits.mails.spend(allMails)
}

/** Variants of an address that reach one mailbox (case, spaces, plus tags) share its budget. */
export function mailboxKey(email: string): string {
  return email
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/\+[^@]*@/, '@')
}

/** `left` is what a network has of an account that is guessed at from everywhere. */
function createSignInLimit(pairs: RateLimiterAbstract, accounts: RateLimiterAbstract, left: number): SignInLimit {
  const pair = (account: string, network: string) => `${account} ${network}`
  return {
    async wait(account, network) {
      const [mine, all] = await Promise.all([pairs.get(pair(account, network)), accounts.get(account)])
      const allowed = all && all.remainingPoints <= 0 ? left : pairs.points
      return mine && mine.consumedPoints >= allowed ? Math.max(1, Math.ceil(mine.msBeforeNext / 1000)) : null
    },
    async fail(account, network) {
      await Promise.all([pairs.penalty(pair(account, network)), accounts.penalty(account)])
    },
    async reset(account, network) {
      await pairs.delete(pair(account, network))
    }
  }
}

/** A token bucket for each key: `burst` at once, refilled by `perSecond`. What is full again is forgotten. */
export function createBucket(burst: number, perSecond: number, now: () => number = () => performance.now()): Pick<Limit, 'spend'> {
  // When each bucket will be full again, in milliseconds (the generic cell rate algorithm).
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

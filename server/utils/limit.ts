import { plural } from '#shared/utils/plural'
import type { H3Event } from 'h3'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { clientAddress, networkOf } from '../../network/address'
import { budgetFactor, takeBudgets, type Spending } from '../db/budgets'
import { heavyBytes, limits, limitsOf, longAnswer, requestLimits, shares, type Limit, type LimitKind, type Subject } from '../limits'
import type { Run } from './auth'
import { isInternalRequest } from './internal-request'
import { runInTurn, type Turn } from './turns'
import { trackUnsent, unsentBytes } from './unsent'

export type Spender = Partial<Record<Subject, string>>

const counters = new Map<keyof typeof requestLimits, RateLimiterMemory>()

/** Counts a request in the memory of this process, and sets `RateLimit-*`. Throws 429 with `Retry-After` beyond the limit. */
export async function countRequest(event: H3Event, kind: keyof typeof requestLimits, subject: string): Promise<void> {
  const counter = await counterOf(kind)
  const state = await counter.consume(subject).catch((refusal: unknown) => {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    return refusal
  })
  setRequestLimitHeaders(event, kind, state.remainingPoints, state.msBeforeNext / 1000)
  if (state.consumedPoints > counter.points) throw tooManyRequests(event, state.msBeforeNext / 1000, 'requests')
}

// The length of a chunked body is unknown until it has been read: then it counts as heavy.
function bodyLength(event: H3Event): number {
  const read = event.context.bodyLength as number | undefined
  return read ?? (getHeader(event, 'transfer-encoding') === undefined ? Number(getHeader(event, 'content-length') ?? 0) : Infinity)
}

/**
 * Counts the bytes of an answer for its principal, in the memory of this process. Closes the connection of a client that does not
 * read a long answer in time.
 */
export async function countAnswer(event: H3Event, principal: string, bytes: number): Promise<void> {
  await (await counterOf('answers')).penalty(principal, bytes)
  // The server itself reads answers to internal requests, at once.
  if (bytes >= longAnswer.bytes && !isInternalRequest(event)) trackUnsent(principal, bytes, event.node.res, longAnswer.seconds)
}

// Looks at earlier answers of this window, because the size of the next one is known too late.
async function checkAnswers(event: H3Event, principal: string): Promise<void> {
  if (unsentBytes(principal) > longAnswer.unsent) throw tooManyRequests(event, 10, 'unread answers')
  const counter = await counterOf('answers')
  const state = await counter.get(principal)
  if (!state || state.consumedPoints <= counter.points) return
  setRequestLimitHeaders(event, 'answers', 0, state.msBeforeNext / 1000)
  throw tooManyRequests(event, state.msBeforeNext / 1000, 'large answers')
}

function setRequestLimitHeaders(event: H3Event, kind: keyof typeof requestLimits, remaining: number, reset: number): void {
  const { amount, seconds } = requestLimits[kind]
  setLimitHeaders(event, { amount, seconds, burst: amount }, remaining, reset)
}

async function counterOf(kind: keyof typeof requestLimits): Promise<RateLimiterMemory> {
  const { amount, seconds } = requestLimits[kind]
  const points = counters.has(kind) ? 0 : Math.max(1, Math.round(amount * (await factorOf(kind))))
  const counter = counters.get(kind) ?? new RateLimiterMemory({ points, duration: seconds })
  counters.set(kind, counter)
  return counter
}

// Pages must be served even when the database is unreachable.
function factorOf(kind: keyof typeof requestLimits): Promise<number> {
  return kind === 'page' ? budgetFactor().catch(() => 1) : translateErrors(budgetFactor)
}

/**
 * Spends the budgets of the route in Postgres, even when the work fails later. Sets `RateLimit-*` to the budget that is nearest to
 * exhaustion. Throws 429 with `Retry-After` when one is exhausted.
 */
export async function spendBudgets(event: H3Event, spender: Spender): Promise<void> {
  const asked = routeLimits(event).kinds.flatMap(kind => budgetsOf(kind, spender))
  if (asked.length === 0) return
  const spent = await translateErrors(() => takeBudgets(asked.map(({ kind, subject, limit }) => ({ kind, subject, ...limit }))))
  const scarcest = spent
    .map((spending, at) => ({ ...spending, limit: asked[at]!.limit }))
    .reduce((one, other) => (remainingShare(other) < remainingShare(one) ? other : one))
  const { wait, kind, remaining, reset, limit } = scarcest
  // The answer to a key shows the rate of the key, unless one of these budgets refuses it.
  if (spender.key === undefined || wait !== null) setLimitHeaders(event, limit, remaining, reset)
  if (wait !== null) throw tooManyRequests(event, wait, limits[kind as LimitKind].words)
}

/** Whose turn it is. `isFile`: the work reads an export into a file. */
export interface TurnSubject {
  principal: string
  teamId?: string
  isFile?: boolean
}

/** Wraps `run`: it waits only behind other requests of the same person and team. Throws 429 after ten seconds of waiting, 60 for a file. */
export function limitTurns(event: H3Event, run: Run, { principal, teamId, isFile = false }: TurnSubject): Run {
  return async work => {
    const weights = isFile
      ? (['file', 'any'] as const)
      : routeLimits(event).isHeavy || bodyLength(event) > heavyBytes
        ? (['heavy', 'any'] as const)
        : (['any'] as const)
    const checkedRun = async () => {
      // A request that writes is not refused after its first transaction.
      if (event.method === 'GET' || !event.context.isAdmitted) await checkAnswers(event, principal)
      event.context.isAdmitted = true
      return run(work)
    }
    return runInTurn(
      weights.flatMap(weight => turnsOf(weight, principal, teamId)),
      checkedRun,
      () => tooManyRequests(event, 1, 'requests at once'),
      isFile ? 60_000 : 10_000
    )
  }
}

/** Runs `work`, which stringifies a long answer, in turn. Throws 429 after ten seconds of waiting. */
export function inAnswerTurn<T>(event: H3Event, principal: string, work: () => Promise<T>): Promise<T> {
  const { teamId } = (event.context.teamCaller ?? {}) as { teamId?: string }
  return runInTurn(turnsOf('answer', principal, teamId), work, () => tooManyRequests(event, 1, 'large answers'))
}

/** Runs `work`, which sends a file. Throws 429 when the caller of `authUser`, or their team, downloads too many at once. */
export function inDownloadTurn<T>(event: H3Event, work: () => Promise<T>): Promise<T> {
  const { principal, teamId } = event.context.teamCaller as { principal: string; teamId: string }
  return runInTurn(turnsOf('download', principal, teamId), work, () => tooManyRequests(event, 60, 'downloads at once'), 0)
}

/** Runs `work`, which receives or sends a file or an archive, in turn. Throws 429 after a minute of waiting. */
export function inFileTurn<T>(event: H3Event, share: 'upload' | 'form' | 'attachment' | 'archive', work: () => Promise<T>): Promise<T> {
  const { principal, teamId } = event.context.teamCaller as { principal: string; teamId: string }
  return runInTurn(turnsOf(share, principal, teamId), work, () => tooManyRequests(event, 10, 'files at once'), 60_000)
}

function turnsOf(share: keyof typeof shares, principal: string, teamId?: string): Turn[] {
  const { principal: ofPrincipal, team, all } = shares[share]
  return [
    { key: `${share} ${principal}`, max: ofPrincipal },
    ...(teamId ? [{ key: `${share} ${teamId}`, max: team }] : []),
    { key: share, max: all }
  ]
}

/** The error 429; sets `Retry-After` in whole seconds. */
export function tooManyRequests(event: H3Event, seconds: number, what = 'requests') {
  const wait = Math.max(1, Math.ceil(seconds))
  setHeader(event, 'retry-after', wait)
  return failure(429, 'rate_limited', `Too many ${what}; try again in ${inWords(wait)}`)
}

/** The network that limits count a request for: the client's, also for requests that a page makes while it is rendered. */
export function clientNetwork(event: H3Event): string {
  return (event.context.network as string | undefined) ?? connectionNetwork(event)
}

export function connectionNetwork(event: H3Event): string {
  return networkOf(clientAddress(event.node.req, String(useRuntimeConfig().trustedProxies)))
}

/** RateLimit headers of draft-ietf-httpapi-ratelimit-headers-03. */
export function setLimitHeaders(event: H3Event, { amount, seconds, burst }: Limit, remaining: number, reset: number): void {
  setHeaders(event, {
    'ratelimit-limit': String(burst),
    'ratelimit-remaining': String(Math.max(0, remaining)),
    'ratelimit-reset': String(Math.ceil(reset)),
    'ratelimit-policy': `${amount};w=${seconds}${burst === amount ? '' : `;burst=${burst}`}`
  })
}

export function isDownload(event: H3Event): boolean {
  return routeLimits(event).kinds.includes('export')
}

function routeLimits(event: H3Event): ReturnType<typeof limitsOf> {
  return limitsOf(event.method, (event.context.matchedRoute as { path?: string } | undefined)?.path ?? '', getQuery(event))
}

function budgetsOf(kind: LimitKind, spender: Spender): { kind: LimitKind; subject: string; limit: Limit }[] {
  const of: Partial<Record<Subject, Limit>> = limits[kind]
  return (['person', 'key', 'address', 'team'] as const).flatMap(subject => {
    const limit = of[subject]
    return limit && spender[subject] !== undefined ? [{ kind, subject: `${subject}:${spender[subject]}`, limit }] : []
  })
}

function remainingShare({ wait, remaining, limit }: Spending & { limit: Limit }): number {
  return wait === null ? remaining / limit.burst : -1
}

function inWords(seconds: number): string {
  if (seconds < 90) return plural(seconds, '1 second', '# seconds')
  if (seconds < 5_400) return plural(Math.ceil(seconds / 60), '1 minute', '# minutes')
  return plural(Math.ceil(seconds / 3_600), '1 hour', '# hours')
}

/** `amount` within `seconds`, of which `burst` may come at once. */
export interface Limit {
  amount: number
  seconds: number
  burst: number
}

/** Whose budget is spent: a person (by whatever sessions), an API key, a team, the network address of somebody unknown. */
export type Subject = 'person' | 'key' | 'team' | 'address'

export type LimitKind = keyof typeof limits

/**
 * What costs or reaches others, counted in Postgres: by all processes together, also where the work is refused or fails.
 * Honest use stays far below: somebody opens three tickets a second and changes one, fifty agents share an address (which
 * is counted for people who are not signed in alone), a bulk change of 200 is one request. Changes by an API key
 * are within its rate, private.use_api_key(), and count for the team besides.
 */
export const limits = {
  write: { words: 'changes', person: { amount: 600, seconds: 60, burst: 300 }, team: { amount: 6_000, seconds: 60, burst: 3_000 } },
  create: { words: 'tickets and replies', person: { amount: 120, seconds: 60, burst: 120 }, key: { amount: 120, seconds: 60, burst: 120 } },
  search: {
    words: 'searches',
    person: { amount: 240, seconds: 60, burst: 150 },
    key: { amount: 120, seconds: 60, burst: 60 },
    team: { amount: 2_400, seconds: 60, burst: 600 }
  },
  report: {
    words: 'reports',
    person: { amount: 60, seconds: 60, burst: 40 },
    key: { amount: 60, seconds: 60, burst: 20 },
    team: { amount: 300, seconds: 60, burst: 150 }
  },
  export: {
    words: 'downloads',
    person: { amount: 60, seconds: 3_600, burst: 20 },
    key: { amount: 60, seconds: 3_600, burst: 20 },
    team: { amount: 180, seconds: 3_600, burst: 60 }
  },
  team: { words: 'new teams', person: { amount: 20, seconds: 86_400, burst: 10 } },
  invite: { words: 'invitations', person: { amount: 120, seconds: 3_600, burst: 40 }, team: { amount: 240, seconds: 3_600, burst: 80 } },
  call: { words: 'calls to webhooks', person: { amount: 60, seconds: 60, burst: 30 }, team: { amount: 120, seconds: 60, burst: 60 } },
  rate: { words: 'ratings', address: { amount: 300, seconds: 60, burst: 300 } },
  link: { words: 'links of mails', address: { amount: 300, seconds: 60, burst: 300 } }
} satisfies Record<string, { words: string } & Partial<Record<Subject, Limit>>>

/** Plain requests of a person, and of somebody unknown by address: counted by each process in its memory, so that no read pays a write. */
export const requestLimits = {
  person: { amount: 2_000, seconds: 100 },
  /** Pictures: a list shows many, and browsers keep them. */
  avatars: { amount: 2_000, seconds: 100 },
  address: { amount: 1_000, seconds: 100 },
  /** API keys of a network that this process does not know: each is looked up. */
  unknownKeys: { amount: 500, seconds: 100 },
  /** Bytes of JSON to a person or key: a list of a thousand large tickets has 4 MB, and costs others 200 ms. */
  answers: { amount: 10_000_000, seconds: 10 },
  /** Pages that the server renders, 45 ms of its time each, for a network: signing in, and what mails lead to. */
  page: { amount: 10, seconds: 5 }
}

/**
 * How many of the ten connections of a process work at once for a person (or key), for a team, and for all together: two are
 * left to budgets, jobs and health. Heavy is what may take seconds. Others of the same person or team wait their turn, and nobody else waits with them.
 */
export const shares = {
  any: { principal: 4, team: 5, all: 8 },
  heavy: { principal: 1, team: 2, all: 3 },
  /** Long answers that become JSON: no connections, but time of the event loop. */
  answer: { principal: 1, team: 2, all: 3 },
  /** What is read into a file, up to its last row. */
  file: { principal: 1, team: 2, all: 3 },
  /** Files on their way to a reader, at the reader's pace: no connections, but space on the disk. */
  download: { principal: 4, team: 12, all: 100 }
}

interface LimitedRoute {
  /** As the router knows it. */
  route: string
  /** What it spends of, besides `write` for everything that is no GET. */
  kinds: LimitKind[]
  /** Only where the query holds this parameter. */
  when?: string
  /** Only where the query holds none of these. */
  unless?: string[]
  /** May take seconds of the database. */
  isHeavy?: boolean
}

const routes: LimitedRoute[] = [
  { route: 'GET /api/teams/:teamId/search', kinds: ['search'], isHeavy: true },
  { route: 'GET /api/teams/:teamId/tickets', kinds: ['search'], when: 'q', isHeavy: true },
  { route: 'GET /api/teams/:teamId/tickets', kinds: [], unless: ['page', 'cursor'], isHeavy: true }, // a thousand rows with their texts
  { route: 'GET /api/teams/:teamId/tickets/counts', kinds: ['search'], when: 'q', isHeavy: true },
  { route: 'GET /api/teams/:teamId/saved-views/counts', kinds: [], isHeavy: true },
  { route: 'GET /api/teams/:teamId/analytics/summary', kinds: ['report'], isHeavy: true },
  { route: 'GET /api/teams/:teamId/audit', kinds: [], isHeavy: true },
  { route: 'GET /api/teams/:teamId/analytics/report.csv', kinds: ['export'] },
  { route: 'GET /api/teams/:teamId/export/tickets.csv', kinds: ['export'] },
  { route: 'GET /api/teams/:teamId/export/audit.csv', kinds: ['export'] },
  { route: 'POST /api/teams', kinds: ['team'] },
  { route: 'POST /api/teams/:teamId/tickets', kinds: ['create'] },
  { route: 'POST /api/teams/:teamId/tickets/bulk', kinds: [], isHeavy: true },
  { route: 'POST /api/teams/:teamId/tickets/:ticketId/replies', kinds: ['create'] },
  { route: 'POST /api/teams/:teamId/invitations', kinds: ['invite'] },
  { route: 'POST /api/teams/:teamId/invitations/:invitationId/resend', kinds: ['invite'] },
  { route: 'PUT /api/teams/:teamId/reply-address', kinds: ['invite'] },
  { route: 'POST /api/teams/:teamId/webhooks/:webhookId/test', kinds: ['call'] },
  { route: 'POST /api/teams/:teamId/webhooks/:webhookId/deliveries/:deliveryId/redeliver', kinds: ['call'] },
  { route: 'POST /api/ratings/:token', kinds: ['rate'] },
  { route: 'POST /api/reply-address/:token', kinds: ['link'] },
  { route: 'POST /api/unsubscribe/:token', kinds: ['link'] },
  { route: 'POST /unsubscribe/:token', kinds: ['link'] },
  { route: 'GET /api/teams/:teamId/tags', kinds: [], isHeavy: true }
]

/** The routes that are more than a plain read or write, as the router knows them. */
export const limitedRoutes = [...new Set(routes.map(({ route }) => route))]

/** An answer of so many `bytes` has so many `seconds` to be taken; a person or key may leave `unsent` bytes of such answers waiting. */
export const longAnswer = { bytes: 100_000, seconds: 120, unsent: 20_000_000 }

/** Texts of this size are heavy for what they cost search: 3 ms of Postgres for a thousand letters. */
export const heavyBytes = 16_000

/** What a request spends of, and whether it may take seconds of the database. */
export function limitsOf(method: string, path: string, query: Record<string, unknown>): { kinds: LimitKind[]; isHeavy: boolean } {
  const listed = routes.find(
    ({ route, when, unless }) =>
      route === `${method} ${path}` && (when === undefined || Boolean(query[when])) && !unless?.some(name => query[name] !== undefined)
  )
  return {
    kinds: [...(listed?.kinds ?? []), ...(method === 'GET' || method === 'HEAD' ? [] : ['write' as const])],
    isHeavy: listed?.isHeavy ?? false
  }
}

/** `amount` within `seconds`, of which `burst` may come at once. */
export interface Limit {
  amount: number
  seconds: number
  burst: number
}

/** Whose budget is spent: a person's (in all sessions), an API key's, a team's, or the network's of a caller who is not signed in. */
export type Subject = 'person' | 'key' | 'team' | 'address'

export type LimitKind = keyof typeof limits

/**
 * Limits of work that costs or reaches others. Postgres counts it for all processes together, also when the work is refused or fails.
 * Honest use stays far below: a person who opens three tickets a second and changes one, fifty agents behind one address (which counts
 * only for people who are not signed in), a bulk change of 200, which is one request. Changes by an API key count for the key's own rate
 * (private.use_api_key()) and for the team's limit here.
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
  upload: {
    words: 'uploads',
    person: { amount: 120, seconds: 60, burst: 60 },
    key: { amount: 120, seconds: 60, burst: 60 },
    team: { amount: 600, seconds: 60, burst: 300 }
  },
  /** Files of tickets, and pictures of articles. A conversation shows up to ten pictures for each reply. */
  file: {
    words: 'files',
    person: { amount: 600, seconds: 60, burst: 300 },
    key: { amount: 600, seconds: 60, burst: 300 },
    team: { amount: 6_000, seconds: 60, burst: 3_000 }
  },
  /** Each computes the open hours of six years, or the holidays of a country: 30 to 300 ms of the event loop. */
  calendar: {
    words: 'changes of calendars',
    person: { amount: 60, seconds: 60, burst: 40 },
    key: { amount: 60, seconds: 60, burst: 20 },
    team: { amount: 120, seconds: 60, burst: 60 }
  },
  /** Each replays up to all tickets of 90 days: 10 seconds of a server for 100,000 of them. */
  simulation: {
    words: 'simulations',
    person: { amount: 60, seconds: 3_600, burst: 20 },
    key: { amount: 60, seconds: 3_600, burst: 20 },
    team: { amount: 120, seconds: 3_600, burst: 40 }
  },
  team: { words: 'new teams', person: { amount: 20, seconds: 86_400, burst: 10 } },
  invite: { words: 'invitations', person: { amount: 120, seconds: 3_600, burst: 40 }, team: { amount: 240, seconds: 3_600, burst: 80 } },
  call: { words: 'calls to webhooks', person: { amount: 60, seconds: 60, burst: 30 }, team: { amount: 120, seconds: 60, burst: 60 } },
  /** Articles that are searched by people who are not signed in, while they type. */
  suggest: { words: 'searches', address: { amount: 300, seconds: 60, burst: 150 } },
  rate: { words: 'ratings', address: { amount: 300, seconds: 60, burst: 300 } },
  link: { words: 'requests with mail links', address: { amount: 300, seconds: 60, burst: 300 } }
} satisfies Record<string, { words: string } & Partial<Record<Subject, Limit>>>

/** Limits of plain requests. Each process counts them in its memory, so that a read does not cost a write. */
export const requestLimits = {
  person: { amount: 2_000, seconds: 100 },
  /** Lists show many pictures, which browsers cache. */
  avatars: { amount: 2_000, seconds: 100 },
  address: { amount: 1_000, seconds: 100 },
  /** Per network: pictures of articles, which browsers cache. */
  images: { amount: 2_000, seconds: 100 },
  /** Per network: API keys that this process has not seen, each of which it looks up in the database. */
  unknownKeys: { amount: 500, seconds: 100 },
  /** Bytes of JSON to a person or key. A list of 1,000 large tickets has 4 MB and blocks the event loop for 200 ms. */
  answers: { amount: 10_000_000, seconds: 10 },
  /** Per network: pages that the server renders (sign-in, links in mails), 45 ms each. */
  page: { amount: 10, seconds: 5 }
}

/**
 * How many requests of a process run at once for a person (or key), for a team, and for all together. `any` leaves two of the ten
 * connections to budgets, jobs and health checks. `heavy` is work that may take seconds. Other requests of the same person or team wait
 * their turn; requests of other teams do not wait with them.
 */
export const shares = {
  any: { principal: 4, team: 5, all: 8 },
  heavy: { principal: 1, team: 2, all: 3 },
  /** Stringifying long answers: it needs no connection, but time of the event loop. */
  answer: { principal: 1, team: 2, all: 3 },
  /** Reading an export from the database. */
  file: { principal: 1, team: 2, all: 3 },
  /** Sending an export at the pace of its reader: it needs no connection, but disk space. */
  download: { principal: 4, team: 12, all: 100 },
  /** Receiving a file at the pace of its sender, into a file on disk: at most 2.5 GB for all. */
  upload: { principal: 10, team: 40, all: 100 },
  /** Receiving a form of the portal with up to ten files at the pace of its sender: at most 5 GB for all. */
  form: { principal: 2, team: 10, all: 20 },
  /** Sending a file of a ticket at the pace of its reader. */
  attachment: { principal: 8, team: 40, all: 100 },
  /** Sending all files of a ticket at the pace of the reader. */
  archive: { principal: 1, team: 5, all: 20 }
}

interface LimitedRoute {
  /** Method, and path as the router writes it. */
  route: string
  /** The limits that it spends, besides `write` for every method but GET and HEAD. */
  kinds: LimitKind[]
  /** Applies only when the query has this parameter. */
  when?: string
  /** Applies only when the query has none of these parameters. */
  unless?: string[]
  /** The database may need seconds. */
  isHeavy?: boolean
}

const routes: LimitedRoute[] = [
  { route: 'GET /api/teams/:teamId/search', kinds: ['search'], isHeavy: true },
  { route: 'GET /api/teams/:teamId/tickets', kinds: ['search'], when: 'q', isHeavy: true },
  { route: 'GET /api/teams/:teamId/tickets', kinds: [], unless: ['page', 'cursor'], isHeavy: true }, // up to 1,000 rows with their texts
  { route: 'GET /api/teams/:teamId/tickets/counts', kinds: ['search'], when: 'q', isHeavy: true },
  { route: 'GET /api/teams/:teamId/saved-views/counts', kinds: [], isHeavy: true },
  { route: 'GET /api/teams/:teamId/analytics/summary', kinds: ['report'], isHeavy: true },
  { route: 'GET /api/teams/:teamId/analytics/sla', kinds: ['report'], isHeavy: true },
  { route: 'GET /api/teams/:teamId/audit', kinds: [], isHeavy: true },
  { route: 'GET /api/teams/:teamId/analytics/report.csv', kinds: ['export'] },
  { route: 'GET /api/teams/:teamId/export/tickets.csv', kinds: ['export'] },
  { route: 'GET /api/teams/:teamId/export/audit.csv', kinds: ['export'] },
  { route: 'GET /api/teams/:teamId/attachments/:attachmentId', kinds: ['file'] },
  { route: 'GET /api/teams/:teamId/attachments.zip', kinds: ['export'] },
  { route: 'POST /api/teams/:teamId/uploads', kinds: ['upload'] },
  { route: 'GET /api/teams/:teamId/article-images/:imageId', kinds: ['file'] },
  { route: 'POST /api/teams/:teamId/article-images', kinds: ['upload'] },
  { route: 'POST /api/teams/:teamId/tickets/:ticketId/attachments', kinds: ['upload'] },
  { route: 'POST /api/teams/:teamId/replies/:replyId/attachments', kinds: ['upload'] },
  { route: 'POST /api/teams/:teamId/calendars', kinds: ['calendar'] },
  { route: 'PATCH /api/teams/:teamId/calendars/:calendarId', kinds: ['calendar'] },
  { route: 'POST /api/teams/:teamId/sla-policies/simulate', kinds: ['simulation', 'calendar'] },
  { route: 'GET /api/teams/:teamId/holidays', kinds: ['calendar'] },
  { route: 'POST /api/teams/:teamId/holidays/file', kinds: ['calendar'] },
  { route: 'POST /api/teams', kinds: ['team'] },
  { route: 'POST /api/teams/:teamId/tickets', kinds: ['create'] },
  { route: 'POST /api/teams/:teamId/tickets/bulk', kinds: [], isHeavy: true },
  { route: 'POST /api/teams/:teamId/tickets/:ticketId/replies', kinds: ['create'] },
  { route: 'POST /api/teams/:teamId/invitations', kinds: ['invite'] },
  { route: 'POST /api/teams/:teamId/invitations/:invitationId/resend', kinds: ['invite'] },
  { route: 'PUT /api/teams/:teamId/reply-address', kinds: ['invite'] },
  { route: 'POST /api/teams/:teamId/webhooks/:webhookId/test', kinds: ['call'] },
  { route: 'POST /api/teams/:teamId/webhooks/:webhookId/deliveries/:deliveryId/redeliver', kinds: ['call'] },
  { route: 'GET /api/teams/:teamId/articles/suggest', kinds: ['search'] },
  { route: 'GET /api/public/:teamSlug/articles/suggest', kinds: ['suggest'] },
  { route: 'POST /api/ratings/:token', kinds: ['rate'] },
  { route: 'POST /api/reply-address/:token', kinds: ['link'] },
  { route: 'POST /api/unsubscribe/:token', kinds: ['link'] },
  { route: 'POST /unsubscribe/:token', kinds: ['link'] },
  { route: 'GET /api/teams/:teamId/tags', kinds: [], isHeavy: true }
]

/** The routes that cost more than a plain read or write. */
export const limitedRoutes = [...new Set(routes.map(({ route }) => route))]

/** A client must read an answer of `bytes` or more within `seconds`. Per person or key, `unsent` bytes of such answers may wait. */
export const longAnswer = { bytes: 100_000, seconds: 120, unsent: 20_000_000 }

/** A body of this size counts as heavy: indexing its text for search costs Postgres 3 ms per 1,000 characters. */
export const heavyBytes = 16_000

/** The limits that a request spends, and whether the database may need seconds for it. */
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

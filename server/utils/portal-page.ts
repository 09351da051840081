import { createHash } from 'node:crypto'
import script from '#portal-script'
import type { H3Event } from 'h3'
import {
  portalAnswered,
  portalInvitation,
  portalListQuery,
  portalNumber,
  portalRating,
  portalReply,
  portalSignIn,
  portalSuggestions,
  portalTicketCreate,
  portalWithdrawal
} from '#shared/schemas/portal'
import { locales, preferredLocale } from '#shared/texts/locale'
import { problemOfStatus } from '#shared/texts/portal-problem'
import type { PortalForm, PortalLocale, PortalPage, PortalPageProblem, PortalTeam, PortalView } from '#shared/types/portal'
import { AuthFailure, endSession, redeemLink } from '../adapters/auth'
import { asUser } from '../db/identity'
import { countSuggestions } from '../domain/article/question'
import { findPortalTeam, linkContacts, listPortalCategories, listPortalProjects, listPortalTeams } from '../domain/portal/client'
import {
  confirmParticipant,
  getParticipantInvitation,
  inviteParticipant,
  listInvitations,
  withdrawInvitation
} from '../domain/portal/invitation'
import {
  closePortalTicket,
  createPortalReply,
  createPortalTicket,
  followUpPortalTicket,
  getPortalTicket,
  listPortalTickets,
  markPortalTicketRead,
  ratePortalTicket,
  reopenPortalTicket
} from '../domain/portal/ticket'
import { endTicketSession, getTicketLink, openTicketLink, type TicketLinkPreview } from '../domain/portal/ticket-session'
import type { PortalCaller } from './portal-caller'
import type { SentForm } from './portal-form'
import type { PortalPlace } from './portal-place'
import type { SignInLinks } from './portal-sign-in'

/** Where the browser goes next. */
export interface PortalRedirect {
  redirect: string
  /** 301 for a page that has another address now. Default: 303. */
  status?: 301
}

/** `locale`: of the help centre, or of somebody who does not act as a client yet. */
export type Answer =
  PortalRedirect | (Pick<PortalPage, 'view'> & { caller?: PortalCaller; locale?: PortalLocale | null; chosenLocale?: PortalLocale | null })

interface Similar {
  number: number
  seconds: number
}

const isRedirect = (answer: Answer): answer is PortalRedirect => 'redirect' in answer
const to = (redirect: string): PortalRedirect => ({ redirect })

/** Does what a form of the portal asks for, and returns what the page shows. Sets the status of the answer. */
export async function preparePortalPage(
  event: H3Event,
  place: PortalPlace | 'unknown',
  links: SignInLinks
): Promise<PortalPage | PortalRedirect> {
  let team: PortalTeam | null = null
  let answer: Answer
  try {
    if (!['GET', 'HEAD', 'POST'].includes(event.method)) throw failure(405, 'method', 'Pages answer to GET and POST')
    const slug = place === 'unknown' ? slugOf(event.path) : place.slug
    if (slug !== null) team = (await asAnonymous(tx => findPortalTeam(tx, slug))) ?? null
    if (place === 'unknown' || (slug !== null && !team)) throw notFound()
    answer = await answerOf(event, place, team, links)
  } catch (error) {
    answer = { view: await problemView(event, error, team) }
  }
  if (isRedirect(answer)) return answer
  const { view, caller, chosenLocale = null } = answer
  const locale = chosenLocale ?? answer.locale ?? caller?.client.locale ?? acceptedLocale(event)
  setHeader(event, 'content-language', locale)
  return {
    view,
    locale,
    timeZone: caller?.client.time_zone ?? 'UTC',
    team,
    client: caller?.client ?? null,
    teams: caller?.teams ?? [],
    chosenLocale,
    etag: view.page === 'ticket' ? etagOf(view) : '',
    script
  }
}

async function answerOf(event: H3Event, place: PortalPlace, team: PortalTeam | null, links: SignInLinks): Promise<Answer> {
  if (team === null || place.slug === null) return showTeams(event)
  switch (place.page) {
    case 'sign-in':
      return signIn(event, team, links)
    case 'confirm':
      return confirm(event, team)
    case 'link':
      return openLink(event, team, place.number)
    case 'follow':
      return follow(event, team)
    case 'sign-out':
      return signOut(event, team)
    case 'help':
    case 'help-articles':
    case 'help-category':
    case 'help-article':
    case 'help-search':
      return helpPage(event, team, place)
    default:
      return showToClient(event, team, place)
  }
}

async function showTeams(event: H3Event): Promise<Answer> {
  const account = await findPortalAccount(event)
  const teams = account ? await account.db(listPortalTeams) : []
  if (teams.length === 1) return to(`/portal/${teams[0]!.slug}`)
  if (teams.length === 0) throw notFound()
  return {
    view: { page: 'teams' },
    caller: {
      client: { name: null, locale: null, time_zone: null, is_session: false, ticket_number: null, chooses_priority: false },
      teams,
      db: account!.db
    }
  }
}

async function showToClient(event: H3Event, team: PortalTeam, place: PortalPlace): Promise<Answer> {
  const number = 'number' in place ? place.number : undefined
  const caller = await findPortalCaller(event, team, number)
  if (caller === null) {
    const signIn = `/portal/${team.slug}/sign-in${number === undefined ? '' : `?ticket=${number}`}`
    return event.method === 'POST' ? { view: await showProblem(event, 'signed_out', { status: 401, team, signIn }) } : to(signIn)
  }
  if (caller === 'not_client') return { view: await showProblem(event, 'not_client', { status: 404, team }) }
  try {
    if (number !== undefined) return await ticketPage(event, team, number, caller)
    return await (place.page === 'new' ? newPage(event, team, caller) : listPage(event, team, caller))
  } catch (error) {
    return { view: await problemView(event, error, team), caller }
  }
}

async function listPage(event: H3Event, team: PortalTeam, caller: PortalCaller): Promise<Answer> {
  const query = portalListQuery.parse({ state: 'all', category: null, q: '', after: null, ...getQuery<Record<string, unknown>>(event) })
  const { tickets, categories, nextPage } = await caller.db(async tx => ({
    ...(await listPortalTickets(tx, team.id, query)),
    categories: await listPortalCategories(tx, team.id)
  }))
  const { state, category, q } = query
  const isAnswered = getQuery(event).done === 'answered'
  return { caller, view: { page: 'list', state, category, q, tickets, categories, nextPage, isAnswered } }
}

async function newPage(event: H3Event, team: PortalTeam, caller: PortalCaller): Promise<Answer> {
  let form = emptyForm
  let similar: Similar | null = null
  if (event.method === 'POST') {
    const sent = await withForm(event, team.id, sent => createFromForm(event, team, caller, sent))
    if ('redirect' in sent) return sent
    form = sent.form
    similar = sent.similar
  }
  const choices = await caller.db(async tx => ({
    categories: await listPortalCategories(tx, team.id),
    projects: await listPortalProjects(tx, team.id)
  }))
  return { caller, view: { page: 'new', ...choices, form, similar } }
}

async function createFromForm(
  event: H3Event,
  team: PortalTeam,
  caller: PortalCaller,
  sent: SentForm
): Promise<PortalRedirect | { form: PortalForm; similar: Similar | null }> {
  const hadFiles = sent.files.length > 0 || sent.problem !== null
  if (sent.values.answered !== undefined) {
    const checked = portalAnswered.safeParse(sent.values)
    if (!checked.success) throw failure(400, 'invalid', 'Not a form of this page')
    const { form, question, answered } = checked.data
    await caller.db(tx => countSuggestions(tx, team.id, { form, outcome: 'answered', question, addresses: [answered] }))
    return to(`/portal/${team.slug}?done=answered`)
  }
  const checked = checkSent(event, portalTicketCreate, sent)
  if (checked.form) return { form: checked.form, similar: null }
  try {
    const created = await writeWithFiles(event, caller, { teamId: team.id, number: null, files: sent.files }, async (tx, attach) => {
      const result = await createPortalTicket(tx, team.id, checked.fields)
      if ('number' in result) {
        await attach(result)
        const seen = portalSuggestions.safeParse(sent.values)
        const question = checked.fields.subject
        if (seen.success)
          await countSuggestions(tx, team.id, { form: seen.data.form, outcome: 'ignored', question, addresses: seen.data.suggested })
      }
      return result
    })
    if ('number' in created) return to(`${portalTicketPath(team.slug, created.number)}?done=request`)
    setResponseStatus(event, 409)
    return { form: { values: sent.values, problems: {}, hadFiles }, similar: created.similar }
  } catch (error) {
    return { form: { ...refusedForm(event, sent.values, error), hadFiles }, similar: null }
  }
}

const doneNames = ['reply', 'request', 'close', 'reopen', 'follow-up', 'rate', 'invite', 'withdraw', 'follow']

async function ticketPage(event: H3Event, team: PortalTeam, number: number, caller: PortalCaller): Promise<Answer> {
  let form = emptyForm
  if (event.method === 'POST') {
    const result = await withForm(event, team.id, sent => changeTicket(event, team, number, caller, sent))
    if ('redirect' in result) return result
    form = result
  }
  const { done } = getQuery(event)
  const content = await caller.db(async tx => {
    const content = {
      ...(await getPortalTicket(tx, team.id, number)),
      invitations: caller.client.is_session ? [] : await listInvitations(tx, team.id, number)
    }
    // The script asks again every 20 seconds. What has not changed is not read again.
    if (event.method !== 'HEAD' && getHeader(event, 'if-none-match') !== etagOf(content)) await markPortalTicketRead(tx, team.id, number)
    return content
  })
  return {
    caller,
    view: { page: 'ticket', ...content, form, done: typeof done === 'string' && doneNames.includes(done) ? done : null }
  }
}

async function changeTicket(
  event: H3Event,
  team: PortalTeam,
  number: number,
  caller: PortalCaller,
  sent: SentForm
): Promise<PortalForm | PortalRedirect> {
  const path = portalTicketPath(team.slug, number)
  const { db, client } = caller
  const { values, files } = sent
  try {
    if (values.intent === 'close') {
      await db(tx => closePortalTicket(tx, team.id, number))
      return to(`${path}?done=close`)
    }
    if (values.intent === 'reopen') {
      await db(tx => reopenPortalTicket(tx, team.id, number))
      return to(`${path}?done=reopen`)
    }
    if (values.intent === 'rate') {
      const rating = checkSent(event, portalRating, sent)
      if (rating.form) return rating.form
      await db(tx => ratePortalTicket(tx, team.id, number, rating.fields))
      return to(`${path}?done=rate`)
    }
    if (client.is_session && (values.intent === 'invite' || values.intent === 'withdraw')) throw notFound()
    if (values.intent === 'invite') {
      const invitation = checkSent(event, portalInvitation, sent)
      if (invitation.form) return invitation.form
      await db(tx => inviteParticipant(tx, team.id, number, invitation.fields.email))
      return to(`${path}?done=invite#copies`)
    }
    if (values.intent === 'withdraw') {
      const withdrawal = checkSent(event, portalWithdrawal, sent)
      if (withdrawal.form) return withdrawal.form
      // One that does not wait any more needs no other answer.
      await unlessMissing(() => db(tx => withdrawInvitation(tx, team.id, number, withdrawal.fields.invitation)))
      return to(`${path}?done=withdraw#copies`)
    }
    const checked = checkSent(event, portalReply, sent)
    if (checked.form) return checked.form
    const { content } = checked.fields
    const message = { teamId: team.id, number, files }
    if (values.intent === 'follow-up') {
      const next = await writeWithFiles(event, caller, message, async (tx, attach) => {
        const created = await followUpPortalTicket(tx, team.id, number, content)
        await attach({ number: created })
        return created
      })
      return to(`${client.is_session ? path : portalTicketPath(team.slug, next)}?done=follow-up`)
    }
    const reply = await writeWithFiles(event, caller, message, async (tx, attach) => {
      const replyId = await createPortalReply(tx, team.id, number, content)
      await attach({ number, replyId })
      return replyId
    })
    return to(`${path}?done=reply#reply-${reply}`)
  } catch (error) {
    const form = { ...refusedForm(event, values, error), hadFiles: files.length > 0 }
    const { '': problem, ...others } = form.problems
    // The form of an invitation has one field, and the page is long.
    return values.intent === 'invite' && problem ? { ...form, problems: { ...others, email: problem } } : form
  }
}

async function signIn(event: H3Event, team: PortalTeam, links: SignInLinks): Promise<Answer> {
  const query = getQuery(event)
  const ticket = portalNumber.safeParse(query.ticket).data ?? null
  const next = ticket === null ? null : String(ticket)
  const backTo = (await findOpenedTicket(event, team.id)) ?? null
  const opened = backTo === null ? null : await findPortalCaller(event, team, backTo)
  const locale = opened === null || opened === 'not_client' ? null : opened.client.locale
  if (event.method !== 'POST') return { locale, view: { page: 'sign-in', isSent: false, next, backTo, form: emptyForm } }
  const values = await readForm(event)
  const checked = checkForm(portalSignIn, values)
  if (checked.form) {
    setResponseStatus(event, 422)
    return { locale, view: { page: 'sign-in', isSent: false, next, backTo, form: checked.form } }
  }
  const wait = await spendSignIn(event)
  if (wait !== null) {
    setResponseStatus(event, 429)
    setHeader(event, 'retry-after', Math.ceil(wait))
    return {
      locale,
      view: { page: 'sign-in', isSent: false, next, backTo, form: { values, problems: { '': { kind: 'rate_limited', seconds: wait } } } }
    }
  }
  const { email } = checked.fields
  mailSignInLink(event, team, { email, locale: locale ?? acceptedLocale(event), ticket }, links)
  return { locale, view: { page: 'sign-in', isSent: true, next, backTo, form: { values: { email }, problems: {} } } }
}

async function confirm(event: H3Event, team: PortalTeam): Promise<Answer> {
  const query = getQuery(event)
  const values = event.method === 'POST' ? await readForm(event) : {}
  const tokenHash = String(values.token_hash ?? query.token_hash ?? '').slice(0, 500)
  const ticket = portalNumber.safeParse(values.ticket ?? query.ticket).data
  const next = ticket === undefined ? null : String(ticket)
  // The mail with this link is in the language of the contact.
  const locale = locales.find(known => known === (values.lang ?? query.lang)) ?? null
  if (event.method !== 'POST') return { locale, view: { page: 'confirm', tokenHash, next, form: emptyForm } }
  try {
    storeSession(event, await redeemLink(authServer(), tokenHash))
  } catch (error) {
    if (!(error instanceof AuthFailure)) throw error
    const isDown = error.status === null || error.status === 429 || error.status >= 500
    setResponseStatus(event, isDown ? 503 : 410)
    const kind = isDown ? 'unavailable' : 'link'
    return { locale, view: { page: 'confirm', tokenHash, next, form: { values: {}, problems: { '': { kind } } } } }
  }
  const claims = await getClaims(event)
  if (!claims) throw failure(503, 'unavailable', 'The new session cannot be read')
  await translateErrors(() => asUser(claims, linkContacts, { channel: 'portal' }))
  return to(ticket === undefined ? `/portal/${team.slug}` : portalTicketPath(team.slug, ticket))
}

async function openLink(event: H3Event, team: PortalTeam, number: number): Promise<Answer> {
  const values = event.method === 'POST' ? await readForm(event) : {}
  const token = String(values.k ?? getQuery(event).k ?? '').slice(0, 100)
  const path = portalTicketPath(team.slug, number)
  // A second click on the same mail.
  if (
    event.method !== 'POST' &&
    (await findOpenedTicket(event, team.id)) === number &&
    (await findPortalCaller(event, team, number)) !== null
  )
    return to(path)
  const link = await findLink(token)
  if (!link || link.team_id !== team.id || link.ticket_number !== number) {
    return { view: await showProblem(event, 'link', { status: 404, team }) }
  }
  if (event.method === 'POST') {
    setTicketCookie(event, await asAnonymous(tx => openTicketLink(tx, token)))
    return to(path)
  }
  return { locale: link.locale, view: { page: 'link', number, contactName: link.contact_name, token, form: emptyForm } }
}

async function follow(event: H3Event, team: PortalTeam): Promise<Answer> {
  const values = event.method === 'POST' ? await readForm(event) : {}
  const token = String(values.k ?? getQuery(event).k ?? '').slice(0, 100)
  const invitation = await unlessMissing(() => asAnonymous(tx => getParticipantInvitation(tx, token)))
  if (invitation?.team_id === team.id) {
    const { ticket_number: number, inviter_name: inviterName, address, locale } = invitation
    if (event.method !== 'POST') return { locale, view: { page: 'follow', number, inviterName, address, token } }
    const secret = await unlessMissing(() => asAnonymous(tx => confirmParticipant(tx, token)))
    if (secret !== null) {
      setTicketCookie(event, secret)
      return to(`${portalTicketPath(team.slug, number)}?done=follow`)
    }
  }
  // After the confirmation the link opens the ticket.
  const link = await findLink(token)
  return link?.team_id === team.id
    ? to(`/p/${team.slug}/${link.ticket_number}?k=${token}`)
    : { view: await showProblem(event, 'invitation', { status: 404, team }) }
}

function findLink(token: string): Promise<TicketLinkPreview | null> {
  return unlessMissing(() => asAnonymous(tx => getTicketLink(tx, token)))
}

async function signOut(event: H3Event, team: PortalTeam): Promise<Answer> {
  if (event.method !== 'POST') return to(`/portal/${team.slug}`)
  const { session } = await readForm(event)
  const secret = ticketSecret(event)
  if (session === 'ticket') {
    if (secret) await asAnonymous(tx => endTicketSession(tx, secret))
    deleteTicketCookie(event)
    return to(`/portal/${team.slug}/sign-in`)
  }
  const stored = await readSession(event)
  forgetSession(event)
  if (stored) {
    try {
      await endSession(authServer(), stored.access_token)
    } catch (error) {
      // The token has expired or the session is gone; the cookie is deleted in any case.
      if (!(error instanceof AuthFailure) || error.status === null || error.status >= 500) throw error
    }
  }
  return to(`/portal/${team.slug}/sign-in`)
}

// From what the client sees, and from nothing else.
function etagOf({
  ticket,
  replies,
  invitations
}: Pick<Extract<PortalView, { page: 'ticket' }>, 'ticket' | 'replies' | 'invitations'>): string {
  const content = JSON.stringify([ticket, replies, invitations])
  return `"${createHash('sha256').update(content).digest('base64url')}"`
}

async function problemView(event: H3Event, error: unknown, team: PortalTeam | null): Promise<PortalView> {
  const isExpected = isError(error) && !error.unhandled && !error.fatal
  // Without the URL, because it may hold a token.
  if (!isExpected) console.error(`An error in ${event.method} of a page of the portal:`, error)
  const status = isExpected ? error.statusCode : 500
  const { code, retry_after: seconds } = ((isExpected && error.data) || {}) as { code?: string; retry_after?: number }
  if (seconds !== undefined) setHeader(event, 'retry-after', Math.ceil(seconds))
  const signIn = status === 401 && team ? `/portal/${team.slug}/sign-in` : null
  const isArticle = status === 404 && team !== null && event.path.startsWith('/help/')
  return showProblem(event, isArticle ? 'no_article' : problemOfStatus(status, code), { status, team, seconds, signIn })
}

async function showProblem(
  event: H3Event,
  problem: PortalPageProblem,
  { status, team, seconds, signIn = null }: { status: number; team: PortalTeam | null; seconds?: number; signIn?: string | null }
): Promise<PortalView> {
  setResponseStatus(event, status)
  const isWorthKeeping =
    problem !== 'missing' &&
    problem !== 'no_article' &&
    problem !== 'refused' &&
    problem !== 'link' &&
    problem !== 'invitation' &&
    problem !== 'not_client'
  const sent = isWorthKeeping ? await keepForm(event, team?.id ?? null) : null
  return { page: 'problem', problem, seconds, path: event.path, signIn, sent }
}

function slugOf(path: string): string | null {
  return /^\/(?:portal|p|help)\/([a-z0-9-]{1,100})(?=[/?]|$)/.exec(path)?.[1] ?? null
}

export function acceptedLocale(event: H3Event, offered?: readonly PortalLocale[]): PortalLocale {
  return preferredLocale(getHeader(event, 'accept-language'), offered)
}

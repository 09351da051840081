import { domainToASCII, domainToUnicode } from 'node:url'
import { sql } from 'kysely'
import type { Db } from '../../db/types'
import { fitReplies, longestLetter } from './messages'
import { isJoinable, type MailEvent, type MailKind } from './enqueue'

/** A mail that this process has leased, to send it now. */
export interface ClaimedMail {
  id: string
  team_id: string
  ticket_id: string | null
  kind: MailKind
  recipient: string
  recipient_user_id: string | null
  events: MailEvent[]
  /** The number of replies that did not fit in, and follow in the next mail. */
  more: number
}

/** The state of the ticket that the last mail to the client reported. */
export interface Notified {
  status?: string
  assignee_id?: string
}

/** The outcome of a mail that a digest carries. */
export type PartOutcome = { id: string; notified: Notified } | { id: string; cancelled: string }

interface DueMail extends ClaimedMail {
  reason: string | null
  /** No limit has held it back, and no attempt was made. */
  is_fresh: boolean
  /** It holds no text of a person, so it counts for the hourly limit of automatic mails. */
  is_automatic: boolean
  was_tried: boolean
  /** Attempts in a row whose server stopped before it recorded an outcome. */
  unfinished_attempts: number
}

const hourlyLimit = 3
const leaseSeconds = 60
const giveUpAfter = sql`interval '3 days'`
const mailsInDigest = 20
/** After this many the mail fails: something in it may crash the server. */
const maxUnfinishedAttempts = 3

export const cappedReason = `More than ${hourlyLimit} mails in an hour`
const unreachableReason = 'The mail server could not be reached'

/**
 * Leases the mail that has been due longest, for a minute. Returns null when none is due, and 'skipped' when the due mail must not be sent
 * now. An address gets at most three automatic mails an hour: further acknowledgements are suppressed, other mails wait. Mails to
 * strangers also wait for the budgets of the team. All mails that wait for one address are later sent as one digest, but for invitations.
 */
export async function claimMail(db: Db): Promise<ClaimedMail | 'skipped' | null> {
  const mail = await lockDueMail(db)
  if (!mail) return null
  if (mail.unfinished_attempts >= maxUnfinishedAttempts) {
    await sql`
      update mails set state = 'failed', reason = 'The server stopped three times while sending it', locked_until = null
      where id = ${mail.id}`.execute(db)
    return 'skipped'
  }
  const isAlone = mail.recipient_user_id || mail.was_tried || mail.kind === 'participant_invitation'
  const held = isAlone ? [] : await lockHeldMails(db, mail)
  if (mail.kind === 'ticket_received' && held.length > 0) {
    await suppressMail(db, mail.id, 'Another mail already waits for this address')
    return 'skipped'
  }
  const freeAt = mail.is_automatic ? await nextFreeSlot(db, mail) : null
  if (freeAt) {
    await holdBack(db, mail, freeAt, cappedReason)
    return 'skipped'
  }
  const budget = await takeBudget(db, mail.id)
  if (budget.frees_at) {
    await holdBack(db, mail, budget.frees_at, budget.reason!)
    return 'skipped'
  }
  if (held.length > 0) return await createDigest(db, mail, held)
  const events =
    mail.kind === 'member_notice' && mail.reason === cappedReason && !mail.was_tried ? await mergeWaitingNotices(db, mail) : mail.events
  const rest = mail.kind === 'public_reply' && !mail.was_tried ? await findOverflow(db, mail) : []
  const claimed = { ...mail, events: events.filter(event => !rest.includes(event)), more: mail.more + rest.length }
  await sql`
    update mails set locked_until = now() + make_interval(secs => ${leaseSeconds}), first_attempt_at = coalesce(first_attempt_at, now()),
      attempts = attempts + 1, unfinished_attempts = unfinished_attempts + 1, reason = null,
      -- A mail about several tickets outlives each of them.
      ticket_id = case when ${events.length > mail.events.length}::boolean then null else ticket_id end,
      data = data || ${JSON.stringify({ events: claimed.events, more: claimed.more })}::text::jsonb
    where id = ${mail.id}`.execute(db)
  if (rest.length > 0) await queueOverflow(db, mail, rest)
  return claimed
}

const isAutomatic = (mail: string) =>
  sql<boolean>`${sql.ref(`${mail}.kind`)} <> 'public_reply' and not coalesce((${sql.ref(`${mail}.data`)} ->> 'has_reply')::boolean, false)`

// When a server stopped, one of the mails that it was sending may have crashed it. These suspects are sent one at a time, so that the
// culprit does not count against the others.
const isAlone = sql`(mail.unfinished_attempts = 0 or not exists (
  select from mails as suspect
  where suspect.state = 'waiting' and suspect.unfinished_attempts > 1 and suspect.locked_until > now() and suspect.id <> mail.id
))`

const isDue = sql`mail.state = 'waiting' and mail.next_attempt_at <= now()
  and (mail.locked_until is null or mail.locked_until <= now()) and ${isAlone}`

/**
 * Locks the due mail whose turn it is, and its address. An address gets one mail at a time, so that mails arrive in order and concurrent
 * servers do not exceed its limits.
 */
async function lockDueMail(db: Db): Promise<DueMail | null> {
  const { rows: candidates } = await sql<{ id: string; recipient: string; is_suspect: boolean }>`
    select mail.id, mail.recipient, mail.unfinished_attempts > 0 as is_suspect from mails as mail
    where ${isDue} and not exists (
      select from mails as other
      where other.recipient = mail.recipient and other.state = 'waiting' and other.locked_until > now()
    )
    order by mail.next_attempt_at, mail.event_id, mail.id limit 16`.execute(db)
  for (const { id, recipient, is_suspect } of candidates) {
    if (!(await tryLock(db, `mails to ${recipient}`))) continue
    if (is_suspect && !(await tryLock(db, 'mails over which a server stopped'))) continue
    // Read again after taking the lock, to see what its previous holder wrote.
    const {
      rows: [mail]
    } = await sql<DueMail>`
      select mail.id, mail.team_id, mail.ticket_id, mail.kind, mail.recipient, mail.recipient_user_id, mail.data -> 'events' as events,
        mail.reason,
        coalesce((mail.data ->> 'more')::integer, 0) as more, mail.unfinished_attempts,
        mail.held_until is null and mail.first_attempt_at is null as is_fresh, mail.first_attempt_at is not null as was_tried,
        ${isAutomatic('mail')} as is_automatic
      from mails as mail
      where mail.id = ${id} and ${isDue} and not exists (
        select from mails as other
        where other.recipient = mail.recipient and other.state = 'waiting' and other.locked_until > now()
      )
      for update skip locked`.execute(db)
    if (mail) return mail
  }
  return null
}

async function tryLock(db: Db, name: string): Promise<boolean> {
  const {
    rows: [lock]
  } = await sql<{ is_mine: boolean }>`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as is_mine`.execute(db)
  return lock!.is_mine
}

/** When the address may get another automatic mail of this team; null: now. A budget limits what new teams together mail to it. */
async function nextFreeSlot(db: Db, mail: ClaimedMail): Promise<string | null> {
  const {
    rows: [slot]
  } = await sql<{ used: number; free_at: string }>`
    select count(*)::int as used, (min(recent.sent_at) + interval '1 hour')::text as free_at
    from (
      select other.sent_at from mails as other
      where other.team_id = ${mail.team_id} and other.recipient = any (${addressVariants(mail.recipient)}) and other.state = 'sent'
        and ${isAutomatic('other')} and other.sent_at > now() - interval '1 hour'
      order by other.sent_at desc limit ${hourlyLimit}
    ) as recent`.execute(db)
  return slot!.used >= hourlyLimit ? slot!.free_at : null
}

/** The address with its domain in Unicode and in ASCII. private.mailbox_hash() unifies more variants, but no index of mails contains it. */
function addressVariants(address: string): string[] {
  const at = address.lastIndexOf('@') + 1
  const domains = [domainToASCII(address.slice(at)), domainToUnicode(address.slice(at))].filter(domain => domain !== '')
  return [...new Set([address, ...domains.map(domain => address.slice(0, at) + domain)])]
}

/** Spends the team's budgets for this mail, once. `frees_at`: when there will be room again; null when the mail may be sent. */
async function takeBudget(db: Db, id: string): Promise<{ frees_at: string | null; reason: string | null }> {
  const {
    rows: [taken]
  } = await sql<{
    frees_at: string | null
    reason: string | null
  }>`select frees_at::text, reason from private.take_mail_budget(${id})`.execute(db)
  return taken!
}

/**
 * Suppresses an acknowledgement, because a later mail about the ticket says more. Postpones any other mail, 2 seconds after the previous
 * one, so that a free place does not wake all waiting mails.
 */
async function holdBack(db: Db, { id, kind }: ClaimedMail, until: string, reason: string): Promise<void> {
  if (kind === 'ticket_received') return suppressMail(db, id, reason)
  await sql`
    update mails set held_until = ${until}::timestamptz, reason = ${reason}, last_error = null, locked_until = null,
      next_attempt_at = ${until}::timestamptz + least((
        select count(*) from mails as other
        where other.team_id = mails.team_id and other.state = 'waiting' and other.held_until > now()
      ), 5000) * interval '2 seconds'
    where id = ${id}`.execute(db)
}

async function suppressMail(db: Db, id: string, reason: string): Promise<void> {
  await sql`update mails set state = 'suppressed', reason = ${reason}, locked_until = null where id = ${id}`.execute(db)
}

/**
 * Locks the mails to this client that a limit holds back and that fit into one mail with `mail`, oldest first. A fresh reply, which is
 * part of a conversation, takes only mails that wait for a budget.
 */
async function lockHeldMails(db: Db, mail: DueMail): Promise<string[]> {
  const isFreshReply = mail.kind === 'public_reply' && mail.is_fresh
  const { rows } = await sql<{ id: string }>`
    with held as (
      select other.id, other.event_id, other.data -> 'events' as events from mails as other
      where other.team_id = ${mail.team_id} and other.recipient = ${mail.recipient} and other.recipient_user_id is null
        and other.state = 'waiting' and other.held_until is not null and other.kind <> 'participant_invitation'
        and other.first_attempt_at is null and other.id <> ${mail.id} and (not ${isFreshReply} or other.reason <> ${cappedReason})
      order by other.event_id, other.id limit ${mailsInDigest - 1}
      for update skip locked
    ), sized as (
      select part.id, part.event_id, jsonb_array_length(part.events) as messages, (
        select coalesce(sum(octet_length(reply.content)), 0) from ticket_replies as reply
        where reply.team_id = ${mail.team_id}
          and reply.id in (select (event ->> 'reply_id')::uuid from jsonb_array_elements(part.events) as event)
      ) as size
      from (select id, event_id, events from held union all select ${mail.id}::uuid, -1, ${JSON.stringify(mail.events)}::text::jsonb) as part
    )
    select fitting.id from (
      select id, event_id, sum(size) over so_far as bytes, sum(messages) over so_far as messages
      from sized window so_far as (order by event_id, id)
    ) as fitting
    where fitting.bytes <= ${longestLetter.bytes} and fitting.messages <= ${longestLetter.messages} and fitting.id <> ${mail.id}
    order by fitting.event_id, fitting.id`.execute(db)
  return rows.map(({ id }) => id)
}

/** Creates a leased digest that carries `mail` and the `held` mails. It replaces `mail` in the budgets. */
async function createDigest(db: Db, mail: ClaimedMail, held: string[]): Promise<ClaimedMail> {
  const parts = [mail.id, ...held]
  const {
    rows: [digest]
  } = await sql<{ id: string; ticket_id: string | null }>`
    insert into mails (team_id, ticket_id, event_id, kind, recipient, data, locked_until, first_attempt_at, attempts, unfinished_attempts)
    select part.team_id,
      case when count(distinct part.ticket_id) = 1 then (array_agg(part.ticket_id) filter (where part.ticket_id is not null))[1] end,
      min(part.event_id), 'digest', part.recipient,
      jsonb_build_object('events', '[]'::jsonb, 'has_reply', bool_or(part.kind = 'public_reply')),
      now() + make_interval(secs => ${leaseSeconds}), now(), 1, 1
    from mails as part where part.id = any (${parts}::uuid[]) group by part.team_id, part.recipient
    returning id, ticket_id`.execute(db)
  await sql`
    update mails set state = 'merged', carrier_id = ${digest!.id}, reason = null, last_error = null, locked_until = null
    where id = any (${parts}::uuid[])`.execute(db)
  await sql`update private.stranger_mails set mail_id = ${digest!.id} where mail_id = ${mail.id}`.execute(db)
  return {
    id: digest!.id,
    team_id: mail.team_id,
    ticket_id: digest!.ticket_id,
    kind: 'digest',
    recipient: mail.recipient,
    recipient_user_id: null,
    events: [],
    more: 0
  }
}

async function findOverflow(db: Db, { team_id, events }: ClaimedMail): Promise<MailEvent[]> {
  const fits = await fitReplies(
    db,
    team_id,
    events.flatMap(({ reply_id }) => reply_id ?? [])
  )
  return events.filter(({ reply_id }) => reply_id && fits.get(reply_id) === false)
}

/** Queues the rest as the next mail about the ticket, or adds it to a mail that already waits. */
async function queueOverflow(db: Db, mail: ClaimedMail, rest: MailEvent[]): Promise<void> {
  await sql`
    insert into mails (team_id, ticket_id, event_id, kind, recipient, data, next_attempt_at)
    values (${mail.team_id}, ${mail.ticket_id}, ${rest[0]!.id}::bigint, ${mail.kind}, ${mail.recipient},
      jsonb_build_object('events', ${JSON.stringify(rest)}::text::jsonb), now())
    on conflict (team_id, ticket_id, recipient, kind) where ${isJoinable}
    do update set event_id = excluded.event_id, next_attempt_at = now(),
      data = jsonb_set(mails.data, '{events}', (excluded.data -> 'events') || (mails.data -> 'events'))`.execute(db)
}

/** Merges other waiting notices of the team to this member into `mail`, as far as they fit. Returns the events of all. */
async function mergeWaitingNotices(db: Db, mail: ClaimedMail): Promise<MailEvent[]> {
  const { rows } = await sql<{ events: MailEvent[] }>`
    with others as (
      select other.id, other.event_id, jsonb_array_length(other.data -> 'events') as size from mails as other
      where other.team_id = ${mail.team_id} and other.recipient_user_id = ${mail.recipient_user_id}
        and other.recipient = ${mail.recipient} and other.kind = 'member_notice'
        and other.state = 'waiting' and other.first_attempt_at is null and other.id <> ${mail.id}
      order by other.event_id, other.id limit ${longestLetter.messages}
      for update skip locked
    ), sized as (
      select id, sum(size) over (order by event_id, id) as total from others
    )
    update mails as other set state = 'merged', carrier_id = ${mail.id}, reason = null from sized
    where other.id = sized.id and sized.total + ${mail.events.length} <= ${longestLetter.messages}
    returning other.data -> 'events' as events`.execute(db)
  return [...mail.events, ...rows.flatMap(({ events }) => events)].sort((a, b) => Number(a.id) - Number(b.id))
}

/** The mail server has accepted the mail. `parts`: the mails that it carries. */
export async function recordSent(db: Db, id: string, notified: Notified, parts: PartOutcome[]): Promise<void> {
  await sql`
    update mails set state = 'sent', sent_at = now(), unfinished_attempts = 0, locked_until = null, last_error = null, reason = null,
      data = data || ${JSON.stringify(notified)}::text::jsonb
    where id = ${id} and state = 'waiting'`.execute(db)
  await settleParts(db, id, parts)
}

export async function cancelMail(db: Db, id: string, reason: string, parts: PartOutcome[]): Promise<void> {
  await sql`
    update mails set state = 'cancelled', reason = ${reason}, unfinished_attempts = 0, locked_until = null
    where id = ${id} and state = 'waiting'`.execute(db)
  await settleParts(db, id, parts)
  await sql`delete from private.stranger_mails where mail_id = ${id}`.execute(db)
}

async function settleParts(db: Db, carrierId: string, parts: PartOutcome[]): Promise<void> {
  if (parts.length === 0) return
  await sql`
    update mails as part set
      state = case when outcome.cancelled is null then 'merged' else 'cancelled' end,
      carrier_id = case when outcome.cancelled is null then part.carrier_id end, reason = outcome.cancelled,
      sent_at = case when outcome.cancelled is null then now() end, data = part.data || coalesce(outcome.notified, '{}')
    from jsonb_to_recordset(${JSON.stringify(parts)}::text::jsonb) as outcome (id uuid, notified jsonb, cancelled text)
    where part.id = outcome.id and part.carrier_id = ${carrierId}`.execute(db)
}

export async function failMail(db: Db, id: string, error: string): Promise<void> {
  await sql`
    update mails set state = 'failed', reason = 'The mail server refused it', unfinished_attempts = 0, locked_until = null,
      last_error = ${error.slice(0, 500)}
    where id = ${id} and state = 'waiting'`.execute(db)
}

/**
 * Schedules the next attempt: in 30 seconds, doubling each time up to an hour, ± 20 %. Gives up after three days, not counting the time
 * for which a limit or a budget held the mail back.
 */
export async function postponeMail(db: Db, id: string, error: string, isUnreachable: boolean): Promise<void> {
  await sql`
    update mails set unfinished_attempts = 0, locked_until = null, last_error = ${error.slice(0, 500)},
      next_attempt_at = now() + make_interval(secs => least(3600, 30 * 2 ^ least(attempts - 1, 10)) * (0.8 + 0.4 * random())),
      reason = ${isUnreachable ? unreachableReason : null},
      state = case when greatest(created_at, held_until) < now() - ${giveUpAfter} then 'failed' else state end
    where id = ${id} and state = 'waiting'`.execute(db)
}

/** Makes mails due that could not reach the mail server. Not after ten attempts: such a mail may itself break the connection. */
export async function retryUnreachableMails(db: Db): Promise<void> {
  await sql`
    update mails set next_attempt_at = now()
    where state = 'waiting' and reason = ${unreachableReason} and attempts < 10
      and next_attempt_at > now() and locked_until is null`.execute(db)
}

/** Milliseconds until a mail is due whose address has no other mail in flight; null when none waits. */
export async function getMsUntilNextMail(db: Db): Promise<number | null> {
  const {
    rows: [next]
  } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(greatest(mail.next_attempt_at, coalesce(mail.locked_until, mail.next_attempt_at))) - now()) * 1000)::float8 as ms
    from mails as mail
    where mail.state = 'waiting' and ${isAlone}
      and not exists (
        select from mails as other
        where other.recipient = mail.recipient and other.id <> mail.id and other.state = 'waiting' and other.locked_until > now()
      )`.execute(db)
  return next!.ms === null ? null : Math.max(0, next!.ms)
}

/** Removes settled mails after 90 days, and what mails refer to and is expired: tokens of links, and the sessions that links began. */
export async function removeOldMails(db: Db): Promise<void> {
  // A waiting digest still needs the mails that it carries.
  await sql`
    delete from mails as mail where mail.state <> 'waiting' and mail.created_at < now() - interval '90 days'
      and not exists (
        select from mails as carrier
        where carrier.team_id = mail.team_id and carrier.id = mail.carrier_id and carrier.state = 'waiting'
      )`.execute(db)
  await sql`delete from private.rating_tokens where expires_at <= now()`.execute(db)
  await sql`delete from private.ticket_links where expires_at <= now()`.execute(db)
  await sql`delete from private.sign_in_links where expires_at <= now()`.execute(db)
  await sql`delete from private.ticket_sessions where expires_at <= now()`.execute(db)
  await sql`delete from private.participant_invitations where expires_at <= now() and contact_id is null`.execute(db)
  await sql`delete from private.unsubscribe_tokens where expires_at <= now()`.execute(db)
  await sql`delete from private.reply_address_requests where expires_at <= now()`.execute(db)
  await sql`delete from private.stranger_mails where taken_at < now() - interval '2 days'`.execute(db)
}

/** Tells Postgres from which address the product sends, so that it never becomes a contact: private.is_own_address(). */
export async function recordSenderAddress(db: Db, address: string): Promise<void> {
  await sql`update private.mail_settings set sender_address = ${address} where sender_address is distinct from ${address}`.execute(db)
}

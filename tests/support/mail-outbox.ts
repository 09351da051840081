import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { configureMail, type Delivery, type Message } from '#server/adapters/mail'
import { closePool, configureDatabase } from '#server/db/pool'
import { dispatchEvents } from '#server/jobs/dispatch-events'
import { createMailSender } from '#server/jobs/send-mails'
import { database, databaseUrl, impersonate } from './as.ts'
import { adam, addTeam, ann, bob, vera, type Person } from './world.ts'

const teams: string[] = []
/** The mails that the mail server accepted in the current test. */
export const deliveredMails: Message[] = []
/** A test replaces `answer`; each test starts with a server that takes every mail. */
export const mailServer: { answer: (message: Message) => Delivery | Promise<Delivery> } = { answer: () => ({ outcome: 'delivered' }) }
let sender: ReturnType<typeof createMailSender>

/** Registers the hooks of a file that sends mails: the pool, a sender for each test, and the removal of its teams. */
export function useMailOutbox(): void {
  beforeAll(async () => {
    configureDatabase(databaseUrl(), 8)
    configureMail({ smtpUrl: 'smtp://127.0.0.1:9', mailFrom: 'Switchboard <support@desk.test>' })
    await database()`delete from private.event_outbox`
  })
  beforeEach(() => {
    mailServer.answer = () => ({ outcome: 'delivered' })
    deliveredMails.length = 0
    sender = createMailSender({ siteUrl: 'http://desk.test', mailHost: 'desk.test' }, async message => {
      const delivery = await mailServer.answer(message)
      if (delivery.outcome === 'delivered') deliveredMails.push(message)
      return delivery
    })
  })
  afterEach(async () => {
    await database()`delete from public.teams where id in ${database()(teams.splice(0))}`
  })
  afterAll(async () => {
    configureMail({ smtpUrl: '', mailFrom: '' })
    await closePool()
  })
}

/** A team of Ann, Adam, Bob and Vera, and a ticket of a client in it. */
export async function newTeam(
  ticket: Record<string, unknown> = {},
  settings: Parameters<typeof addTeam>[3] = {}
): Promise<{ team: string; ticket: string; client: string }> {
  const id = randomUUID()
  const client = `client.${id.slice(0, 8)}@mail.test`
  teams.push(id)
  await database().begin(async sql => {
    await addTeam(sql, id, [ann, adam, bob, vera], settings)
  })
  const [created] = await asPerson(
    ann,
    sql =>
      sql<[{ id: string }]>`
        insert into tickets ${sql({
          team_id: id,
          subject: 'VPN drops',
          description: 'Every hour.',
          requester_name: 'Cleo',
          requester_email: client,
          created_by: ann.id,
          ...ticket
        })} returning id`
  )
  return { team: id, ticket: created.id, client }
}

export type Transaction = Parameters<Parameters<ReturnType<typeof database>['begin']>[1]>[0]

/** Runs statements as a person through the app. */
export async function asPerson<T>(person: Person, work: (sql: Transaction) => Promise<T>): Promise<T> {
  return (await database().begin(async sql => {
    await impersonate(sql, person)
    await sql`select set_config('switchboard.channel', 'ui', true)`
    return await work(sql)
  })) as T
}

/** Runs statements as the requester of the ticket, as the portal does. `contact` is their id. */
export async function asRequester(ticketId: string, work: (sql: Transaction, contact: string) => Promise<unknown>): Promise<void> {
  await database().begin(async sql => {
    const [{ contact_id }] = await sql<[{ contact_id: string }]>`select contact_id from public.tickets where id = ${ticketId}`
    await sql`select set_config('switchboard.contact_id', ${contact_id}, true), set_config('switchboard.channel', 'portal', true)`
    await work(sql, contact_id)
  })
}

/** Invites somebody to the ticket, as portal.invite_participant() does for its requester. Returns the address. */
export async function invite(teamId: string, ticketId: string, address: string): Promise<string> {
  await asRequester(ticketId, async (sql, contact) => {
    await sql`
      insert into private.participant_invitations ${sql({ team_id: teamId, ticket_id: ticketId, address, invited_by: contact })}
      on conflict on constraint participant_invitations_ticket_id_address_key do update set token_hash = null, created_at = now()`
    await sql`
      insert into public.mails ${sql({ team_id: teamId, ticket_id: ticketId, kind: 'participant_invitation', recipient: address })}
      on conflict do nothing`
  })
  return address
}

/** Writes a reply of the requester. */
export const replyAsRequester = (teamId: string, ticketId: string, content: string) =>
  asRequester(
    ticketId,
    (sql, contact) => sql`
      insert into public.ticket_replies (team_id, ticket_id, user_id, author_kind, contact_id, content)
      values (${teamId}, ${ticketId}, private.channel_profile(${teamId}, 'portal'), 'requester', ${contact}, ${content})`
  )

export const dispatch = () => dispatchEvents(new AbortController().signal)

/** Dispatches events and sends the mails of the team that are due within five minutes. */
export async function send(teamId: string): Promise<Message[]> {
  await dispatch()
  await database()`
    update public.mails set next_attempt_at = now()
    where team_id = ${teamId} and state = 'waiting' and next_attempt_at < now() + interval '5 minutes'`
  return sendDue()
}

/** Sends the questions for ratings of the team, which otherwise wait for the delay of the team. */
export async function sendRatingRequests(teamId: string): Promise<Message[]> {
  await dispatch()
  await database()`
    update public.mails set next_attempt_at = now() where team_id = ${teamId} and state = 'waiting' and kind = 'rating_request'`
  return sendDue()
}

/** Returns the milliseconds until the sender has to run again; null when nothing waits. */
export const sendMails = () => sender(new AbortController().signal)

/** Returns the mails that were delivered. */
export async function sendDue(): Promise<Message[]> {
  const before = deliveredMails.length
  await sendMails()
  return deliveredMails.slice(before)
}

export const mailsTo = (address: string) => deliveredMails.filter(mail => mail.to === address)
export const mailRows = (team: string) =>
  database()<
    { kind: string; recipient: string; state: string; reason: string | null; attempts: number }[]
  >`select kind, recipient, state, reason, attempts from public.mails where team_id = ${team} order by created_at, id`
export const addReply =
  (teamId: string, ticketId: string, content: string, isInternal = false) =>
  (sql: Transaction) =>
    sql<
      [{ id: string }]
    >`insert into ticket_replies ${sql({ team_id: teamId, ticket_id: ticketId, content, is_internal: isInternal })} returning id`
export const setStatus = (ticketId: string, value: string) => (sql: Transaction) =>
  sql`update tickets set status = ${value} where id = ${ticketId}`

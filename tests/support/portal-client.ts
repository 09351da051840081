import { createHash, randomBytes } from 'node:crypto'
import { database, newTeam } from './api.ts'
import { FormBrowser } from './form-browser.ts'
import { mailsTo, newAddress } from './mail.ts'
import { bob } from './world.ts'

/** A team where a new contact with an address of their own is the requester of #001. */
export async function newClient({ locale = null as 'de' | null } = {}) {
  const team = await newTeam()
  const [{ slug }] = await database()<[{ slug: string }]>`select slug from public.teams where id = ${team.id}`
  const email = newAddress('client')
  const [{ id: contact }] = await database()<[{ id: string }]>`
    insert into public.contacts (team_id, name, locale, created_by) values (${team.id}, 'Cleo Client', ${locale}, ${bob.id}) returning id`
  await database()`insert into public.contact_addresses (team_id, address, contact_id) values (${team.id}, ${email}, ${contact})`
  await database()`update public.tickets set contact_id = ${contact} where id = ${team.tickets.bobs}`
  return { team, slug, email, contact, path: `/portal/${slug}` }
}
export type Client = Awaited<ReturnType<typeof newClient>>

/** A link to #001 as a mail holds it. */
export async function linkTo({ team, slug, contact }: Client): Promise<{ path: string; token: string }> {
  const token = randomBytes(32).toString('base64url')
  await database()`
    insert into private.ticket_links (token_hash, team_id, ticket_id, contact_id)
    values (${createHash('sha256').update(token).digest()}, ${team.id}, ${team.tickets.bobs}, ${contact})`
  return { path: `/p/${slug}/1`, token }
}

/** The token of the newest link to sign in. Other mails to the client may be there, too. */
export async function signInToken(email: string): Promise<string> {
  for (let count = 1; ; count++) {
    const links = (await mailsTo(email, count)).map(({ text }) => /\/confirm\?token_hash=([0-9a-f]+)/.exec(text)?.[1])
    const token = links.find(Boolean)
    if (token) return token
  }
}

/** A browser with a ticket session for #001. */
export async function openedBrowser(client: Client, options: { baseUrl?: string; language?: string } = {}): Promise<FormBrowser> {
  const { path, token } = await linkTo(client)
  const browser = new FormBrowser(options)
  await browser.post(path, { k: token })
  return browser
}

export async function signedInBrowser(client: Client, options: { language?: string } = {}): Promise<FormBrowser> {
  const browser = new FormBrowser(options)
  await signIn(browser, client)
  return browser
}

/** Signs a browser in to the account of the client. */
export async function signIn(browser: FormBrowser, { path, email }: Client): Promise<void> {
  await browser.post(`${path}/sign-in`, { email })
  await browser.post(`${path}/confirm`, { token_hash: await signInToken(email) })
}

import { globSync, readFileSync } from 'node:fs'
import type { Scope } from '#shared/permissions'
import { anonymous, type Caller } from '../as.ts'
import { acme, adam, ann, bob, carla, dan, ivan, ticketSession, vera } from '../world.ts'

/** Principals by description: the roles of Acme, members of another team, and an unauthenticated caller. */
export const callers = {
  'an owner': ann,
  'an admin': adam,
  'a member': bob,
  'a viewer': vera,
  'an owner of another team': ivan,
  'a member of another team': dan,
  'somebody who is not signed in': anonymous
} as const satisfies Record<string, Caller>

export type CallerName = keyof typeof callers

export const everybody = ['an owner', 'an admin', 'a member', 'a viewer'] as const
export const agents = ['an owner', 'an admin', 'a member'] as const
export const managers = ['an owner', 'an admin'] as const
export const owners = ['an owner'] as const
export const signedIn = [...everybody, 'an owner of another team', 'a member of another team'] as const
export const anybody = [...signedIn, 'somebody who is not signed in'] as const

/** The API key of Acme that acts as Bob, a member, with these scopes: the claims that the server sets for a request with it. */
export const keyOfBob = (scopes: readonly Scope[]): Caller => ({ ...bob, key: { id: acme.apiKey, team_id: acme.id, scopes } })

/**
 * What a client (a person with an account of the portal) or a ticket session (whoever opened the link to one ticket) may do: everything
 * of this kind, what is their own, nothing (403), or not even learn that it exists (404).
 */
export type ClientAccess = 'allowed' | 'own' | 'refused' | 'hidden'

/**
 * The callers of the columns `client` and `session`, and those whose rights they share. Clients never read or write tables: with their own
 * token they may do what everybody signed in may, and only the server runs statements of a ticket session. What is their own, they reach
 * through the functions of the schema portal.
 */
export const clients: readonly { name: string; column: 'client' | 'session'; caller: Caller; like: readonly CallerName[] }[] = [
  { name: 'a client', column: 'client', caller: carla, like: signedIn },
  { name: 'a ticket session', column: 'session', caller: { ticketSession }, like: ['somebody who is not signed in'] }
]

export const hasContacts = () =>
  globSync('supabase/migrations/*.sql').some(file => /^create table public\.contacts\b/m.test(readFileSync(file, 'utf8')))

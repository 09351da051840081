import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { product } from './own-product.ts'

export interface Mail {
  id: string
  to: string[]
  from: string
  subject: string
  text: string
  html: string | null
  headers: string[]
  date: string
}

/** A new unused address. */
export function newAddress(name = 'person'): string {
  return `${name}.${randomBytes(5).toString('hex')}@mail.test`
}

/** Mails to an address, newest first. Waits up to 5 s until there are `count`. */
export async function mailsTo(address: string, count = 1): Promise<Mail[]> {
  const deadline = Date.now() + 5_000
  for (;;) {
    const response = await fetch(`${product().inboxUrl}/api/messages?to=${encodeURIComponent(address)}`)
    const mails = (await response.json()) as Mail[]
    if (mails.length >= count) return mails
    if (Date.now() > deadline) throw new Error(`${mails.length} mails to ${address}, not ${count}`)
    await sleep(20)
  }
}

/** The token of the newest invitation to an address. */
export async function readInvitationToken(address: string, count = 1): Promise<string> {
  const [mail] = await mailsTo(address, count)
  const token = /\/invitations\/([\w-]+)/.exec(mail!.text)?.[1]
  if (!token) throw new Error(`No invitation in: ${mail!.text}`)
  return token
}

/** The token of the newest confirmation link to an address. */
export async function readConfirmationToken(address: string, count = 1): Promise<string> {
  const [mail] = await mailsTo(address, count)
  const link = /https?:\/\/\S+/.exec(mail!.text)?.[0]
  const token = link && new URL(link).searchParams.get('token_hash')
  if (!token) throw new Error(`No link in: ${mail!.text}`)
  return token
}

/** The value of a header of a mail, or undefined. */
export function readHeader(mail: Mail, name: string): string | undefined {
  return mail.headers
    .find(line => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    ?.slice(name.length + 1)
    .trim()
}

import { createTransport } from 'nodemailer'
import type { Log } from './postgres.ts'

export type AuthMailKind = 'signup' | 'magiclink' | 'recovery' | 'email_change' | 'password_changed' | 'email_changed'

export type AuthMails = {
  /** Sends in the background, so that the response time does not reveal whether a mail was sent. */
  send(kind: AuthMailKind, to: string, link: { tokenHash?: string; next?: string | null }): void
  /** Waits for mails that are being sent, then closes the connection. */
  stop(): Promise<void>
}

type MailText = { subject: string; lead: string; action: string; note: string }

const mailTexts: Record<AuthMailKind, MailText> = {
  signup: {
    subject: 'Confirm your email address',
    lead: 'Welcome to Switchboard. Please confirm that this is your email address, and your account is ready.',
    action: 'Confirm my address',
    note: 'The link works once and for one hour. If you did not sign up, ignore this mail: without the confirmation nobody can use the account.'
  },
  magiclink: {
    subject: 'Your sign-in link',
    lead: 'Use this link to sign in to Switchboard.',
    action: 'Sign in',
    note: 'The link works once and for one hour. If you did not ask for it, ignore this mail.'
  },
  recovery: {
    subject: 'Reset your password',
    lead: 'Somebody, hopefully you, asked to reset the password of your Switchboard account.',
    action: 'Choose a new password',
    note: 'The link works once and for one hour. If it was not you, ignore this mail: your password stays as it is.'
  },
  email_change: {
    subject: 'Confirm your new email address',
    lead: 'Please confirm that you want to use this address for your Switchboard account.',
    action: 'Use this address',
    note: 'The link works once and for one hour. If you did not ask for the change, ignore this mail.'
  },
  password_changed: {
    subject: 'Your password was changed',
    lead: 'The password of your Switchboard account was changed just now, and every other device was signed out.',
    action: 'If it was not you, choose another password now',
    note: 'If it was you, you need not do anything.'
  },
  email_changed: {
    subject: 'Your email address was changed',
    lead: 'Your Switchboard account has a new email address. You can no longer sign in with this one.',
    action: 'Open Switchboard',
    note: 'If it was not you, contact the people who run this Switchboard now.'
  }
}

/**
 * Sends the auth server's mails over `smtpUrl`. Their links open the site's page /auth/confirm, whose button posts
 * verifyOtp({ type, token_hash }), so that a mail scanner that opens a link does not consume it.
 */
export function createAuthMails(options: { smtpUrl: string; from: string; siteUrl: string; log: Log }): AuthMails {
  const transport = createTransport(options.smtpUrl, { from: options.from })
  const pending = new Set<Promise<void>>()

  function send(kind: AuthMailKind, to: string, link: { tokenHash?: string; next?: string | null }): void {
    const { subject, ...mailText } = mailTexts[kind]
    const url = link.tokenHash
      ? buildConfirmUrl(options.siteUrl, kind, link.tokenHash, link.next)
      : new URL(kind === 'password_changed' ? '/forgot-password' : '/', options.siteUrl).href
    const sending: Promise<void> = transport
      .sendMail({
        to,
        subject,
        text: renderText(mailText, url),
        html: renderHtml(mailText, url),
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }
      })
      .then(
        () => {},
        (error: Error) => options.log(`Could not send a mail to ${maskAddress(to)}: ${error.message}`)
      )
      .finally(() => pending.delete(sending))
    pending.add(sending)
  }

  return {
    send,
    stop: async () => {
      await Promise.all(pending)
      transport.close()
    }
  }
}

function buildConfirmUrl(siteUrl: string, kind: string, tokenHash: string, next: string | null | undefined): string {
  const url = new URL('/auth/confirm', siteUrl)
  url.searchParams.set('token_hash', tokenHash)
  url.searchParams.set('type', kind)
  if (next) url.searchParams.set('next', next)
  return url.href
}

function renderText(mailText: Omit<MailText, 'subject'>, url: string): string {
  return `${mailText.lead}\n\n${mailText.action}:\n${url}\n\n${mailText.note}\n`
}

function renderHtml(mailText: Omit<MailText, 'subject'>, url: string): string {
  const href = url.replace(/&/g, '&amp;').replace(/"/g, '&quot;')
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"></head>
<body style="margin:0;padding:32px 16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:480px;margin:0 auto">
<p>${mailText.lead}</p>
<p style="margin:28px 0"><a href="${href}" style="display:inline-block;padding:11px 18px;border-radius:8px;background:#4f46e5;color:#ffffff;text-decoration:none;font-weight:600">${mailText.action}</a></p>
<p style="font-size:14px;opacity:.75">${mailText.note}</p>
</div></body></html>`
}

function maskAddress(address: string): string {
  return address.replace(/^(.).*(@.*)$/, '$1…$2')
}

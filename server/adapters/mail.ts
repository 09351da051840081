import { createTransport } from 'nodemailer'

export interface Mail { to: string, subject: string, text: string, html: string }

/** Whether mails can be sent at all: SMTP_URL is set. */
export function mailConfigured(): boolean {
  return Boolean(useRuntimeConfig().smtpUrl)
}

/** Hands a mail to the SMTP server of SMTP_URL. Throws when that does not take it within ten seconds. */
export async function sendMail(mail: Mail): Promise<void> {
  const { smtpUrl, mailFrom } = useRuntimeConfig()
  if (!smtpUrl) throw new Error('SMTP_URL is not set')
  const transport = createTransport({ url: smtpUrl, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 10_000 })
  try {
    await transport.sendMail({ ...mail, from: mailFrom, headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' } })
  } finally {
    transport.close()
  }
}

import type { NotificationPreference, NotificationPreferences } from '#shared/types/api'
import { mailConfigured } from '../adapters/mail'

/** Adds whether this server sends mails at all: without SMTP_URL the mail preferences have no effect. */
export function withMailState(preferences: NotificationPreference[]): NotificationPreferences {
  return { is_mail_configured: mailConfigured(), preferences }
}

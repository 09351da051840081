import type { NotificationPreference, NotificationPreferences } from '#shared/types/api'
import { mailConfigured } from '../adapters/mail'

/** Preferences, and whether those of mails come to anything: without SMTP_URL this server sends none. */
export function withMailState(preferences: NotificationPreference[]): NotificationPreferences {
  return { is_mail_configured: mailConfigured(), preferences }
}

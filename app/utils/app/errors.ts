import type { ApiError, Issue } from '#shared/types/api'

const words: Record<string, string> = {
  invalid_credentials: 'The e-mail address or password is wrong.',
  email_not_confirmed: 'Confirm your e-mail address first: the link is in your mailbox.',
  user_banned: 'This account is locked.',
  otp_expired: 'This link was already used or has expired.',
  bad_jwt: 'Your session has ended. Sign in again.',
  session_not_found: 'Your session has ended. Sign in again.',
  session_ended: 'Your session has ended. Sign in again.',
  session_expired: 'Your session has ended. Sign in again.',
  current_password_required: 'Your current password is required.',
  current_password_invalid: 'This is not your current password.',
  same_password: 'Choose a password you do not use yet.',
  weak_password: 'This password is too easy to guess.',
  reauthentication_needed: 'Sign out and in again before you change your password.',
  reauthentication_required: 'Enter your password again: your last sign-in was more than 15 minutes ago.',
  email_address_not_authorized: 'This server cannot send mail to this address. Please tell its administrator.',
  signup_disabled: 'New accounts are not accepted at the moment.',
  email_provider_disabled: 'New accounts are not accepted at the moment.',
  captcha_failed: 'The captcha check failed. Try again.',
  refresh_token_not_found: 'Your session has ended. Sign in again.',
  idempotency_mismatch: 'This conflicts with something you sent before. Try again.',
  wrong_mailbox: 'This invitation is for another address.',
  mail_failed: 'It was saved, but the mail could not be sent. Send it again in a moment.'
}

const fields: Record<string, string> = {
  invalid_credentials: 'password',
  email_not_confirmed: 'email',
  email_address_invalid: 'email',
  current_password_required: 'current_password',
  current_password_invalid: 'current_password',
  same_password: 'password',
  weak_password: 'password',
  address_taken: 'email',
  own_address: 'email',
  address_limit: 'email',
  domain_taken: 'domains',
  mail_provider: 'domains',
  public_suffix: 'domains',
  domain_limit: 'domains'
}

/** Marks the error of a page that cannot start because the server is unreachable. */
export const offlineMark = 'offline'

/** The body of an error response of our API; null if `error` has none. */
export function apiErrorOf(error: unknown): ApiError | null {
  if (typeof error !== 'object' || error === null || !('data' in error)) return null
  const { data } = error
  return typeof data === 'object' && data !== null && 'statusCode' in data ? (data as ApiError) : null
}

/** The HTTP status of `error`; null if no response arrived. */
export function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null) return null
  if ('statusCode' in error && typeof error.statusCode === 'number') return error.statusCode
  return 'status' in error && typeof error.status === 'number' && error.status > 0 ? error.status : null
}

/** The machine-readable code of an error of our API or of Supabase. */
export function codeOf(error: unknown): string | null {
  const code = apiErrorOf(error)?.data?.code
  if (code) return code
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : null
}

/** The issues of invalid fields; empty if the error is not about fields. */
export function issuesOf(error: unknown): Issue[] {
  const issues = apiErrorOf(error)?.data?.issues
  if (issues?.length) return issues
  const field = fields[codeOf(error) ?? '']
  return field ? [{ path: field, message: messageOf(error) }] : []
}

/** The sentence to show for any API, Supabase or network error. */
export function messageOf(error: unknown): string {
  const known = words[codeOf(error) ?? '']
  if (known) return known
  const status = statusOf(error)
  const body = apiErrorOf(error)
  if (status === 429) return body?.message || waitIn(error) || 'Too many attempts. Wait a minute and try again.'
  if (status === 401) return 'Your session has ended. Sign in again.'
  if (status === 413) return 'This is too large.'
  if (status !== null && status >= 500) return 'Something went wrong on our side. Try again in a moment.'
  if (body) return body.data?.issues?.[0]?.message ?? body.message
  if (status === 404) return 'This does not exist, or you do not have access to it.'
  if (status === 403) return 'You do not have permission to do this.'
  if (isNetworkError(error)) return 'The server cannot be reached. Check your connection and try again.'
  return error instanceof Error && error.message ? error.message : 'Something went wrong. Try again.'
}

export function isOfflineError({ data }: { data?: unknown }): boolean {
  return data === offlineMark
}

function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ['FetchError', 'AuthRetryableFetchError', 'TypeError'].includes(error.name) && /fetch|network|load failed/i.test(error.message)
}

function waitIn(error: unknown): string | null {
  const seconds = error instanceof Error ? /(\d+) seconds?/.exec(error.message)?.[1] : undefined
  return seconds ? `Too many attempts. Try again in ${seconds} seconds.` : null
}

// Parsers drop tabs and line breaks and read "\" as "/", so each could turn a path into another host.
const treacherous = /[\s\\]|\p{Cc}/u

/**
 * `value` when it is a path of this site ("/tickets?page=2"), null otherwise. An absolute address counts when its
 * origin is `origin`: hosted Supabase puts the whole address into its mails.
 */
export function ownPath(value: unknown, origin?: string): string | null {
  if (typeof value !== 'string' || treacherous.test(value)) return null
  const path = origin && value.startsWith(`${origin}/`) ? value.slice(origin.length) : value
  if (!path.startsWith('/') || path.startsWith('//')) return null
  const base = 'http://localhost'
  if (!URL.canParse(path, base)) return null
  const url = new URL(path, base)
  return url.origin === base && !url.pathname.startsWith('//') ? path : null
}

// URL parsers drop tabs and line breaks and read "\" as "/", so each could turn a path into another host.
const unsafeCharacter = /[\s\\]|\p{Cc}/u

/**
 * Returns `value` if it is a path of this site ("/tickets?page=2"), otherwise null. Prevents open redirects. A URL with the given
 * `origin` is reduced to its path: hosted Supabase puts the full URL into its mails.
 */
export function ownPath(value: unknown, origin?: string): string | null {
  if (typeof value !== 'string' || unsafeCharacter.test(value)) return null
  const path = origin && value.startsWith(`${origin}/`) ? value.slice(origin.length) : value
  if (!path.startsWith('/') || path.startsWith('//')) return null
  const base = 'http://localhost'
  if (!URL.canParse(path, base)) return null
  const url = new URL(path, base)
  return url.origin === base && !url.pathname.startsWith('//') ? path : null
}

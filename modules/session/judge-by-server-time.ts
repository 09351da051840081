import { fileURLToPath } from 'node:url'

const serverTime = fileURLToPath(new URL('../../app/utils/app/server-time.ts', import.meta.url))

/** Lets the auth client read the server's time: see `judgeByServerTime`. */
export const authClient = /\/@supabase\/auth-js\/dist\/module\/.*\.js$/

/**
 * The auth client compares the server's `expires_at` with the clock of the machine: an hour fast, and each new token looks
 * expired and is renewed at once, without end (supabase/auth-js#926, declined there). It gets the server's time instead.
 */
export function judgeByServerTime(code: string): string | null {
  if (!code.includes('Date.now()')) return null
  return `import { serverNow } from ${JSON.stringify(serverTime)}\n${code.replaceAll('Date.now()', 'serverNow()')}`
}

import { fileURLToPath } from 'node:url'

const serverTime = fileURLToPath(new URL('../../app/utils/app/server-time.ts', import.meta.url))

/** Paths of the modules of the auth client that `patchClock` changes. */
export const authClient = /\/@supabase\/auth-js\/dist\/module\/.*\.js$/

/**
 * Makes the auth client read the server time instead of the local clock, which it compares with `expires_at`. With a clock that
 * is an hour fast, each new token looks expired and is refreshed in an endless loop (supabase/auth-js#926, declined there).
 * Returns null for a file that reads no clock.
 */
export function patchClock(code: string): string | null {
  if (!code.includes('Date.now()')) return null
  return `import { serverNow } from ${JSON.stringify(serverTime)}\n${code.replaceAll('Date.now()', 'serverNow()')}`
}

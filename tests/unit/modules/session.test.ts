import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { authClient, patchClock } from '../../../modules/session/patch-clock.ts'

describe('the patch of the Supabase auth client', () => {
  const files = globSync('node_modules/@supabase/auth-js/dist/module/**/*.js').map(file => ({ file, text: readFileSync(file, 'utf8') }))

  test('patchClock replaces every Date.now of the auth client with the server time', () => {
    const withClock = files.filter(({ text }) => text.includes('Date.now'))
    expect(withClock.map(({ file }) => file.split('/').at(-1)).sort()).toEqual(['GoTrueClient.js', 'helpers.js'])
    for (const { file, text } of withClock) {
      expect(`/${file}`).toMatch(authClient)
      const patched = patchClock(text)!
      expect(patched).not.toContain('Date.now')
      expect(patched.split('\n')[0]).toMatch(/^import \{ serverNow \} from ".*\/app\/utils\/app\/server-time\.ts"$/)
      expect(text).not.toContain('serverNow')
    }
  })

  test('patchClock leaves a file without Date.now alone', () => {
    expect(patchClock('export const one = 1')).toBeNull()
  })
})

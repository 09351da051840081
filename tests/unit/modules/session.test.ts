import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { authClient, judgeByServerTime } from '../../../modules/session/judge-by-server-time.ts'

describe('the auth client', () => {
  const files = globSync('node_modules/@supabase/auth-js/dist/module/**/*.js').map(file => ({ file, text: readFileSync(file, 'utf8') }))

  test('reads the clock only in ways that are put right', () => {
    const reading = files.filter(({ text }) => text.includes('Date.now'))
    expect(reading.map(({ file }) => file.split('/').at(-1)).sort()).toEqual(['GoTrueClient.js', 'helpers.js'])
    for (const { file, text } of reading) {
      expect(`/${file}`).toMatch(authClient)
      const judged = judgeByServerTime(text)!
      expect(judged).not.toContain('Date.now')
      expect(judged.split('\n')[0]).toMatch(/^import \{ serverNow \} from ".*\/app\/utils\/app\/server-time\.ts"$/)
      expect(text).not.toContain('serverNow')
    }
  })

  test('is left alone where it reads no clock', () => {
    expect(judgeByServerTime('export const one = 1')).toBeNull()
  })
})

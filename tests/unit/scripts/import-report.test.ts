import { expect, test } from 'vitest'
import { printable } from '../../../scripts/import/report.ts'

test('printable escapes control characters, so that imported text cannot control a terminal', () => {
  expect(printable('\u001B[2Jcleared\r\n')).toBe(String.raw`\u001b[2Jcleared\u000d\u000a`)
  expect(printable('a\u202Eb\u2066c\uD800')).toBe(String.raw`a\u202eb\u2066c` + '\uFFFD')
  expect(printable('Grüße, 你好 🙂')).toBe('Grüße, 你好 🙂')
})

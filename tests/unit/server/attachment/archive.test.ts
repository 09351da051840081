import { expect, test } from 'vitest'
import { distinctNames } from '#server/domain/attachment/archive'

test('repeated names get numbers before their extension, also if they differ in case only', () => {
  expect(distinctNames(['a.txt', 'A.TXT', 'a.txt', 'a (2).txt', 'README', 'readme', '.env', '.env', 'x.tar.gz', 'x.tar.gz'])).toEqual([
    'a.txt',
    'A (2).TXT',
    'a (3).txt',
    'a (2) (2).txt',
    'README',
    'readme (2)',
    '.env',
    '.env (2)',
    'x.tar.gz',
    'x.tar (2).gz'
  ])
})

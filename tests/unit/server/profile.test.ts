import { expect, test } from 'vitest'
import { avatarType } from '#server/domain/profile'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

test.each([
  ['89 50 4E 47 0D 0A 1A 0A 00', 'image/png'],
  ['FF D8 FF E0', 'image/jpeg'],
  ['52 49 46 46 00 00 00 00 57 45 42 50', 'image/webp'],
  ['', undefined],
  ['89 50 4E 47', undefined],
  ['47 49 46 38 39 61', undefined],
  ['52 49 46 46 00 00 00 00 57 41 56 45', undefined],
  ['3C 73 76 67', undefined],
  ['00 89 50 4E 47 0D 0A 1A 0A', undefined]
])('avatarType of a file with the bytes "%s" is %s', (hex, type) => {
  expect(avatarType(bytes(hex))).toBe(type)
})

import { expect, test } from 'vitest'
import { isWeakPassword } from '#shared/utils/weak-password'

test.each([
  'password',
  'Password',
  'PASSWORD1',
  'password123',
  'Passw0rd!',
  'p@ssw0rd',
  'P@$$w0rd2026',
  'passwordpassword',
  'passwort',
  '12345678',
  '123456789',
  '1234567890',
  '87654321',
  '11111111',
  '00000000',
  '11223344',
  'abcabcabc',
  'aaaaaaaa',
  'qwertyui',
  'qwerty123',
  'QWERTZUIOP',
  '1q2w3e4r',
  '1qaz2wsx',
  'asdfghjkl',
  'abcdefgh',
  'abcd1234',
  'iloveyou',
  'welcome1',
  'Welcome2026!',
  'letmein!!',
  'changeme',
  'admin123',
  'administrator',
  'switchboard',
  'Switchboard1',
  'switchboard2026!',
  'summer2026',
  'Winter2026',
  '12121212',
  'ｐａｓｓｗｏｒｄ',
  '!!password!!',
  '123password'
])('the password "%s" is weak', password => {
  expect(isWeakPassword(password)).toBe(true)
})

test.each([
  ['ann.arbor', 'ann.arbor@acme.test'],
  ['annarbor1', 'ann.arbor@acme.test'],
  ['ann.arbor@acme.test', 'ann.arbor@acme.test'],
  ['ANN.ARBOR@ACME.TEST!', 'ann.arbor@acme.test'],
  ['initech1', 'peter@initech.test'],
  ['initech.test', 'peter@initech.test']
])('the password "%s" is weak for %s', (password, email) => {
  expect(isWeakPassword(password, email)).toBe(true)
  expect(isWeakPassword(`${password} and a horse`, email)).toBe(false)
})

test.each([
  'correct horse battery',
  'a whole new one',
  'switchboard-demo',
  'the attackers own',
  'another horse battery',
  'mallory knows this one',
  'a password of ann alone',
  'the next password',
  'a new password of mine',
  'tr0ub4dor&3',
  'password is my dog',
  'x9$kLq2!',
  'Grünkohl mit Pinkel',
  'пароль из трёх слов',
  '正しい馬の電池とホチキス',
  'f3a9c2d871'
])('the password "%s" is not weak', password => {
  expect(isWeakPassword(password, 'ann@acme.test')).toBe(false)
})

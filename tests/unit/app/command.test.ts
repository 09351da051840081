import { describe, expect, it } from 'vitest'
import type { Command, CommandScope, KeySituation } from '~/utils/command/command'
import { actsIn, actsInFields, bindings, hasModifier, isCharacterKey, keysOf } from '~/utils/command/command'

const page: KeySituation = { isComposing: false, isOnControl: false, top: 'page' }
const command = (id: string, more: Partial<Command> = {}): Command => ({ id, label: id, group: 'navigate', run: () => undefined, ...more })

describe('the keys of a shortcut', () => {
  it.each<[string, string[][]]>([
    ['c', [['c']]],
    ['?', [['?']]],
    ['/', [['/']]],
    ['-', [['-']]],
    ['_', [['_']]],
    ['g-d', [['g'], ['d']]],
    ['meta_k', [['meta', 'k']]],
    ['shift_j', [['shift', 'j']]],
    ['.-.', [['.'], ['.']]],
    ['meta_enter', [['meta', 'enter']]]
  ])('keysOf splits %s', (shortcut, keys) => expect(keysOf(shortcut)).toEqual(keys))

  it.each([
    ['c', true],
    ['g-d', true],
    ['shift_j', true],
    ['?', true],
    [' ', true],
    ['enter', false],
    ['escape', false],
    ['meta_k', false],
    ['ctrl_enter', false]
  ])('the shortcut %s consists of character keys: %s', (shortcut, expected) => {
    expect(isCharacterKey(shortcut)).toBe(expected)
  })

  it.each([
    ['meta_k', true],
    ['ctrl_enter', true],
    ['alt_n', true],
    ['shift_j', false],
    ['g-d', false]
  ])('the shortcut %s includes a modifier: %s', (shortcut, expected) => {
    expect(hasModifier(shortcut)).toBe(expected)
  })
})

it.each([
  ['meta_k', true],
  ['meta_enter', true],
  ['meta_a', false],
  ['x', false]
])('the shortcut %s works in text fields: %s', (shortcut, expected) => {
  expect(actsInFields(shortcut)).toBe(expected)
})

describe('a shortcut', () => {
  it.each<[string, CommandScope, Partial<KeySituation>, boolean]>([
    ['c', 'global', {}, true],
    ['c', 'global', { isComposing: true }, false],
    ['meta_k', 'global', { isComposing: true }, false],
    ['c', 'global', { top: 'other' }, false],
    ['meta_k', 'global', { top: 'other' }, true],
    ['meta_enter', 'ticket', { top: 'other' }, false],
    ['c', 'global', { top: 'ticket' }, true],
    ['j', 'list', {}, true],
    ['j', 'list', { top: 'ticket' }, false],
    ['j', 'ticket', { top: 'ticket' }, true],
    ['j', 'ticket', {}, false],
    ['j', 'list', { isOnControl: true }, true],
    [' ', 'list', {}, true],
    [' ', 'list', { isOnControl: true }, false],
    ['enter', 'list', {}, true],
    ['enter', 'list', { isOnControl: true }, false]
  ])('the shortcut %s of scope %s works in situation %j: %s', (shortcut, scope, situation, expected) => {
    expect(actsIn(shortcut, scope, { ...page, ...situation })).toBe(expected)
  })
})

describe('bindings of keys', () => {
  const bindKeys = (commands: Command[], situation = page, characters = true) =>
    Object.fromEntries([...bindings(commands, situation, characters)].map(([key, { id }]) => [key, id]))

  it('a key runs the command that was registered last', () => {
    expect(bindKeys([command('outer', { shortcut: 'c' }), command('inner', { shortcut: 'c' })])).toEqual({ c: 'inner' })
  })

  it('a key is not bound to a command that the focused element handles itself', () => {
    expect(bindKeys([command('send', { shortcut: 'meta_enter', run: undefined })])).toEqual({})
  })

  it('a key can open the second step of a command', () => {
    expect(bindKeys([command('assign', { shortcut: ['a', 'shift_a'], run: undefined, children: () => [] })])).toEqual({
      a: 'assign',
      shift_a: 'assign'
    })
  })

  it('character keys are not bound when single-key shortcuts are off', () => {
    expect(
      bindKeys(
        [
          command('a', { shortcut: 'c' }),
          command('b', { shortcut: 'meta_k' }),
          command('c', { shortcut: 'enter' }),
          command('d', { shortcut: 'g-d' })
        ],
        page,
        false
      )
    ).toEqual({ meta_k: 'b', enter: 'c' })
  })
})

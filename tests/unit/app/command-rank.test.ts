import { describe, expect, it } from 'vitest'
import type { Command } from '~/utils/command/command'
import type { PaletteQuery } from '~/utils/command/command-rank'
import { parsePaletteQuery, rankCommands, countUse, weightOf } from '~/utils/command/command-rank'

const day = 86_400_000
const command = (id: string, label: string, more: Partial<Command> = {}): Command => ({
  id,
  label,
  group: 'navigate',
  run: () => undefined,
  ...more
})
const commands = [
  command('dashboard', 'Dashboard', { shortcut: 'g-d', keywords: 'home' }),
  command('assign', 'Assign to…', { shortcut: 'a', keywords: 'assignee' }),
  command('assign-me', 'Assign to me'),
  command('status', 'Change status…', { shortcut: 's' }),
  command('severity', 'Change severity…'),
  command('lena', 'Léna Östlund')
]
const rank = (words: string, weights: Record<string, number> = {}) =>
  rankCommands(commands, words, id => weights[id] ?? 0).map(({ id }) => id)

describe('parsePaletteQuery', () => {
  it.each<[string, Partial<PaletteQuery>]>([
    ['', { kind: 'anything', words: '', number: null }],
    ['  vpn down ', { kind: 'anything', words: 'vpn down' }],
    ['>assign', { kind: 'commands', words: 'assign' }],
    ['@ ann', { kind: 'people', words: 'ann' }],
    ['/unassigned', { kind: 'views', words: 'unassigned' }],
    ['12', { kind: 'anything', number: 12 }],
    ['/t/acme/577', { kind: 'anything', number: 577 }],
    ['Re: [#577] VPN', { kind: 'anything', words: 'Re: [#577] VPN', number: 577 }],
    ['(#577)', { kind: 'anything', number: 577 }],
    ['#012', { number: 12 }],
    ['0', { number: null }],
    ['12 monkeys', { number: null }],
    ['https://desk.test/tickets?status=open&ticket=34', { number: 34 }],
    ['https://desk.test/t/acme/034', { number: 34 }],
    ['https://desk.test/tickets?ticket=34x', { number: null }],
    ['＃１２', { kind: 'anything', number: 12 }],
    ['＠ann', { kind: 'people', words: 'ann' }]
  ])('parsePaletteQuery parses "%s"', (text, expected) => expect(parsePaletteQuery(text)).toMatchObject(expected))

  it('a link to another team has no ticket number', () => {
    expect(parsePaletteQuery('https://desk.test/t/acme/577', 'initech').number).toBeNull()
    expect(parsePaletteQuery('https://desk.test/t/acme/577', 'acme').number).toBe(577)
  })
})

describe('the command palette', () => {
  it('a blank query keeps the order of commands', () => expect(rank('')).toEqual(commands.map(({ id }) => id)))

  it.each([
    ['a', 'assign'],
    ['s', 'status'],
    ['gd', 'dashboard'],
    ['g d', 'dashboard'],
    ['g-d', 'dashboard']
  ])('the command whose shortcut is typed comes first: %s', (words, first) => {
    expect(rank(words)[0]).toBe(first)
  })

  it('commands are found by prefixes of their words, in any order', () => {
    expect(rank('stat chan')).toEqual(['status'])
    expect(rank('home')).toEqual(['dashboard'])
    expect(rank('OSTL len')).toEqual(['lena'])
  })

  it('labels that begin with the query come first, and more used commands before others', () => {
    expect(rank('assign')).toEqual(['assign', 'assign-me'])
    expect(rank('assign', { 'assign-me': 3 })).toEqual(['assign-me', 'assign'])
    expect(rank('change')).toEqual(['status', 'severity'])
    expect(rank('change', { severity: 0.5 })).toEqual(['severity', 'status'])
  })

  it('a misspelt command is found', () => expect(rank('dashbord')).toEqual(['dashboard']))

  it('an unrelated word finds no command', () => expect(rank('xylophone')).toEqual([]))
})

describe('the usage weight of a command', () => {
  it('the weight of a use halves every two weeks', () => {
    const use = countUse(undefined, 0)
    expect(weightOf(use, 0)).toBe(1)
    expect(weightOf(use, 14 * day)).toBeCloseTo(0.5)
    expect(weightOf(undefined, 0)).toBe(0)
  })

  it('uses add up: ten uses a month ago outweigh one use today', () => {
    const often = Array.from({ length: 10 }).reduce<ReturnType<typeof countUse> | undefined>(use => countUse(use, 0), undefined)
    expect(weightOf(often, 30 * day)).toBeGreaterThan(weightOf(countUse(undefined, 30 * day), 30 * day))
  })
})

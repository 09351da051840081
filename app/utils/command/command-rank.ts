import Fuse from 'fuse.js'
import { ticketReference } from '#shared/utils/search-query'
import type { Command } from './command'

/** A usage count that decays by half every two weeks: `count` as of `at`, in milliseconds since the epoch. */
export interface CommandUse {
  count: number
  at: number
}

const halfLifeMs = 14 * 86_400_000

/** What a palette query searches. */
export type PaletteKind = 'commands' | 'people' | 'views' | 'anything'

export interface PaletteQuery {
  kind: PaletteKind
  words: string
  number: number | null
}

const kinds: Record<string, PaletteKind> = { '>': 'commands', '@': 'people', '/': 'views' }

/**
 * Parses a palette query: '> assign', '@ann', '/unassigned', '#12', '12', a pasted ticket link or mail subject, or words. Links to
 * other teams than `team` (its slug) are ignored.
 */
export function parsePaletteQuery(text: string, team?: string): PaletteQuery {
  const typed = text.trim()
  const reference = ticketReference(typed)
  const number = reference && (reference.team === undefined || team === undefined || reference.team === team) ? reference.number : null
  if (reference?.isPasted) return { kind: 'anything', words: typed, number }
  const kind = kinds[typed[0]?.normalize('NFKC') ?? '']
  if (kind) return { kind, words: typed.slice(1).trim(), number: null }
  return { kind: 'anything', words: typed, number }
}

export function countUse(use: CommandUse | undefined, now: number): CommandUse {
  return { count: weightOf(use, now) + 1, at: now }
}

/** The decayed count at `now`. */
export function weightOf(use: CommandUse | undefined, now: number): number {
  return use ? use.count * 2 ** ((use.at - now) / halfLifeMs) : 0
}

/**
 * The commands that match `words`, best first: an exact shortcut, then matches at word starts by usage, then fuzzy matches.
 * Without words, all commands in the given order.
 */
export function rankCommands(commands: readonly Command[], words: string, weight: (id: string) => number = () => 0): Command[] {
  const query = foldText(words).trim()
  if (!query) return [...commands]
  const ranked = commands.flatMap(command => {
    const rank = rankOf(command, query)
    return rank === null ? [] : [{ command, rank, weight: weight(command.id) }]
  })
  ranked.sort((a, b) => Number(b.rank === 2) - Number(a.rank === 2) || b.weight - a.weight || b.rank - a.rank)
  const first = ranked.map(({ command }) => command)
  return [
    ...first,
    ...findSimilar(
      commands.filter(command => !first.includes(command)),
      query
    )
  ]
}

/** 2: the shortcut matches; 1: the label starts with the query; 0: each word starts a word of the command; null: no match. */
function rankOf(command: Command, query: string): number | null {
  if (shortcutKeys(command).includes(query.replace(/[\s-]/g, ''))) return 2
  const label = foldText(command.label)
  if (label.startsWith(query)) return 1
  const known = `${label} ${foldText(command.keywords ?? '')}`.split(/[^\p{L}\p{N}]+/u)
  return query.split(/\s+/).every(word => known.some(candidate => candidate.startsWith(word))) ? 0 : null
}

function shortcutKeys({ shortcut }: Command): string[] {
  return (shortcut === undefined ? [] : [shortcut].flat()).map(keys => keys.replace(/[-_]/g, ''))
}

function findSimilar(commands: Command[], query: string): Command[] {
  const fuse = new Fuse(commands, {
    keys: [{ name: 'label', weight: 3 }, 'keywords'],
    useTokenSearch: true,
    tokenMatch: 'all',
    threshold: 0.3,
    ignoreLocation: true,
    ignoreDiacritics: true
  })
  return fuse.search(query).map(({ item }) => item)
}

function foldText(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

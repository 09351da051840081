export type CommandGroup = 'context' | 'navigate' | 'views' | 'create' | 'people' | 'account'

/** Where a shortcut works: everywhere, in a list while no ticket is open, or in the open ticket. */
export type CommandScope = 'global' | 'list' | 'ticket'

/** An action that can be run from the palette or by a shortcut. */
export interface Command {
  /** Unique among the registered commands, and stable between visits: usage is counted by it. */
  id: string
  /** Shown and searched in the palette; shown beside its keys in the shortcut help. */
  label: string
  /** The resulting value, beside the label: "Mon 09:00". */
  hint?: string
  icon?: string
  avatar?: { src?: string; alt: string }
  group: CommandGroup
  /** Further search words. */
  keywords?: string
  /** In the syntax of `defineShortcuts`: 'c', 'g-d' (a sequence), 'meta_k' (together; Ctrl without ⌘). The first of several is shown. */
  shortcut?: string | string[]
  /** Ignores key repeat: runs once while the key is held down. */
  isOnce?: boolean
  /** Default 'global'. */
  scope?: CommandScope
  /** Whether the command is available now. */
  when?: () => boolean
  /** The values to choose from in a second step of the palette. */
  children?: () => Command[] | Promise<Command[]>
  /** Further values built from the text typed in the second step, such as a new tag. */
  ofWords?: (words: string) => Command[]
  /** The placeholder of the second step's field. */
  prompt?: string
  /** Without this and without children, the focused element handles the key itself, and only the shortcut help lists the command. */
  run?: () => void
  /** Not listed in the palette, such as moving a cursor. */
  isKeyOnly?: boolean
  /** Irreversible: listed last in its group. */
  isDestructive?: boolean
  /** The current value, among children. */
  isCurrent?: boolean
}

/** The context of a key press, as far as shortcuts depend on it. */
export interface KeySituation {
  isComposing: boolean
  /** The focused element reacts to Enter, Space or the arrow keys. */
  isOnControl: boolean
  /** The topmost layer: the page, the open ticket, or another dialog, menu or popover. */
  top: 'page' | 'ticket' | 'other'
}

const modifiers = ['meta', 'ctrl', 'alt']
// Shortcuts with a modifier that text fields handle themselves.
const fieldShortcuts = ['meta_a']
const controlKeys = ['enter', 'space', ' ', 'arrowup', 'arrowdown', 'arrowleft', 'arrowright', 'home', 'end']

export function shortcutsOf({ shortcut }: Pick<Command, 'shortcut'>): string[] {
  return shortcut === undefined ? [] : [shortcut].flat()
}

/** The keys to press one after the other, each with those held down: 'g-d' → [['g'], ['d']], 'meta_k' → [['meta', 'k']]. */
export function keysOf(shortcut: string): string[][] {
  const isTogether = shortcut.includes('_') && shortcut !== '_'
  const strokes = isTogether || shortcut === '-' ? [shortcut] : shortcut.split('-')
  return strokes.map(stroke => (stroke === '_' ? ['_'] : stroke.split('_')))
}

export function hasModifier(shortcut: string): boolean {
  return keysOf(shortcut).some(stroke => stroke.some(key => modifiers.includes(key)))
}

/** Whether the shortcut also works while a text field has the focus. */
export function actsInFields(shortcut: string): boolean {
  return hasModifier(shortcut) && !fieldShortcuts.includes(shortcut)
}

/** Whether the shortcut has only characters without modifiers except Shift, which speech input and typing can trigger by accident. */
export function isCharacterKey(shortcut: string): boolean {
  return !hasModifier(shortcut) && keysOf(shortcut).every(stroke => stroke.at(-1)!.length === 1)
}

/** Whether `shortcut` of a command with `scope` works in this situation. `defineShortcuts` checks whether a text field has the focus. */
export function actsIn(shortcut: string, scope: CommandScope, { isComposing, isOnControl, top }: KeySituation): boolean {
  if (isComposing) return false
  if (hasModifier(shortcut) && scope === 'global') return true
  if (top === 'other' || (top === 'ticket' && scope === 'list') || (top === 'page' && scope === 'ticket')) return false
  return !isOnControl || !controlKeys.includes(shortcut.toLowerCase())
}

/** Maps shortcuts to commands. If commands share a shortcut, the one registered last wins: it belongs to the innermost component. */
export function bindings(commands: readonly Command[], situation: KeySituation, characterKeys: boolean): Map<string, Command> {
  const bound = new Map<string, Command>()
  for (const command of commands) {
    if (!command.run && !command.children) continue
    for (const shortcut of shortcutsOf(command)) {
      if ((characterKeys || !isCharacterKey(shortcut)) && actsIn(shortcut, command.scope ?? 'global', situation))
        bound.set(shortcut, command)
    }
  }
  return bound
}

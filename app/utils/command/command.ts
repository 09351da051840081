export type CommandGroup = 'context' | 'navigate' | 'views' | 'create' | 'people' | 'account'

/** Where a shortcut acts: everywhere, in a list with no ticket open, in the open ticket. */
export type CommandScope = 'global' | 'list' | 'ticket'

/** Something that can be done by name in the palette, or by key. */
export interface Command {
  /** Unique among the commands of a moment, and the same from visit to visit: how often it is used is remembered by it. */
  id: string
  /** What people read and search; in the palette it stands alone, in the help beside its keys. */
  label: string
  /** What it comes to, beside the label: "Mon 09:00". */
  hint?: string
  icon?: string
  avatar?: { src?: string; alt: string }
  group: CommandGroup
  /** Other words people may look for. */
  keywords?: string
  /** As `defineShortcuts` writes keys: 'c', 'g-d' (one after the other), 'meta_k' (together; Ctrl where there is no ⌘). The first of several is shown. */
  shortcut?: string | string[]
  /** Done once where the key is held down, however often the keyboard repeats it. */
  isOnce?: boolean
  /** 'global' unless told. */
  scope?: CommandScope
  /** Whether it can be done now; asked each time. */
  when?: () => boolean
  /** Its values, offered in the palette as a second step. */
  children?: () => Command[] | Promise<Command[]>
  /** Values beside its children, made of what is typed in the second step: a new tag. */
  ofWords?: (words: string) => Command[]
  /** What the second step asks for, in its empty field. */
  prompt?: string
  /** With neither this nor children, the element in focus acts on the key by itself: only the help names it. */
  run?: () => void
  /** It can be done by key, but is nothing to look for by name: moving a cursor. */
  isKeyOnly?: boolean
  /** It takes something away for good: in the palette it stands last of its group. */
  isDestructive?: boolean
  /** The value that holds now, among children. */
  isCurrent?: boolean
}

/** Where a key is pressed, as far as shortcuts ask. */
export interface KeySituation {
  isComposing: boolean
  /** Focus is on something that Enter, Space or the arrows act on. */
  isOnControl: boolean
  /** What lies on top: nothing, the open ticket, or a window, menu or popover of its own. */
  top: 'page' | 'ticket' | 'other'
}

const modifiers = ['meta', 'ctrl', 'alt']
// Of fields that people write in, though a modifier is held down.
const ofFields = ['meta_a']
const ofControls = ['enter', 'space', ' ', 'arrowup', 'arrowdown', 'arrowleft', 'arrowright', 'home', 'end']

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

/** Whether it acts while people write as well. */
export function actsInFields(shortcut: string): boolean {
  return hasModifier(shortcut) && !ofFields.includes(shortcut)
}

/** Whether it is a character, or several, with nothing held down but Shift: what speech input and hasty fingers set off. */
export function isCharacterKey(shortcut: string): boolean {
  return !hasModifier(shortcut) && keysOf(shortcut).every(stroke => stroke.at(-1)!.length === 1)
}

/** Whether `shortcut` of a command with `scope` acts in this situation. Whether people write is for `defineShortcuts` to see. */
export function actsIn(shortcut: string, scope: CommandScope, { isComposing, isOnControl, top }: KeySituation): boolean {
  if (isComposing) return false
  if (hasModifier(shortcut) && scope === 'global') return true
  if (top === 'other' || (top === 'ticket' && scope === 'list') || (top === 'page' && scope === 'ticket')) return false
  return !isOnControl || !ofControls.includes(shortcut.toLowerCase())
}

/** Of several active commands with one shortcut the last acts: it was registered by what lies closest. */
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

import type { Command } from '~/utils/command/command'

interface Source {
  commands: () => Command[]
  context: () => string | null | undefined
}

// In the browser alone: pages of the server have no commands.
const sources = shallowRef<readonly Source[]>([])

const commands = computed(() => sources.value.flatMap(source => source.commands()).filter(({ when }) => when?.() ?? true))
const context = computed(() => sources.value.map(source => source.context()).findLast(Boolean) ?? null)

/**
 * Registers what can be done here, for the palette, the shortcuts and their help, until the component or scope ends.
 * `context` names what the commands of group 'context' act on: "3 tickets".
 */
export function useCommands(ofFeature: () => Command[], options: { context?: () => string | null | undefined } = {}): void {
  if (import.meta.server) return
  const source = { commands: ofFeature, context: options.context ?? (() => null) }
  sources.value = [...sources.value, source]
  tryOnScopeDispose(() => {
    sources.value = sources.value.filter(other => other !== source)
  })
}

/** What can be done now, in the order of registration, and what it would be done to. */
export function useCommandRegistry() {
  return { commands, context }
}

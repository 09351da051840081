import type { Command } from '~/utils/command/command'

interface Source {
  commands: () => Command[]
  context: () => string | null | undefined
}

// Browser only: server-rendered pages register no commands.
const sources = shallowRef<readonly Source[]>([])

const commands = computed(() => sources.value.flatMap(source => source.commands()).filter(({ when }) => when?.() ?? true))
const context = computed(() => sources.value.map(source => source.context()).findLast(Boolean) ?? null)

/**
 * Registers commands for the palette, the shortcuts and their help until the component or scope ends.
 * `context` names the target of the commands in group 'context': "3 tickets".
 */
export function useCommands(commands: () => Command[], options: { context?: () => string | null | undefined } = {}): void {
  if (import.meta.server) return
  const source = { commands, context: options.context ?? (() => null) }
  sources.value = [...sources.value, source]
  tryOnScopeDispose(() => {
    sources.value = sources.value.filter(other => other !== source)
  })
}

/** The available commands, in the order of registration, and the context of the innermost component. */
export function useCommandRegistry() {
  return { commands, context }
}

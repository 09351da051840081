const isOpen = ref(false)
const isHelpOpen = ref(false)
const startCommandId = ref<string | null>(null)

/** The state of the command palette and the shortcut help. */
export function useCommandPalette() {
  const { start } = useTypeahead()

  /** Opens the palette; with `commandId`, at the second step of that command. */
  function open(commandId: string | null = null): void {
    isHelpOpen.value = false
    startCommandId.value = commandId
    start(() => isOpen.value)
    isOpen.value = true
  }

  function toggle(): void {
    if (isOpen.value) isOpen.value = false
    else open()
  }

  return { isOpen, isHelpOpen, startCommandId, open, toggle }
}

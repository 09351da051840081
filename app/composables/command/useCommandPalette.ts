const isOpen = ref(false)
const isHelpOpen = ref(false)
const begin = ref<string | null>(null)

/** The command palette and the help on shortcuts. */
export function useCommandPalette() {
  const { start } = useTypeahead()

  /** Opens it, at the second step of the command with that id when one is named. */
  function open(commandId: string | null = null): void {
    isHelpOpen.value = false
    begin.value = commandId
    start(() => isOpen.value)
    isOpen.value = true
  }

  function toggle(): void {
    if (isOpen.value) isOpen.value = false
    else open()
  }

  return { isOpen, isHelpOpen, begin, open, toggle }
}

const isOpen = ref(false)
const isSheetOpen = ref(false)
const begin = ref<string | null>(null)

/** The palette and the sheet of keys. */
export function useCommandPalette() {
  const { expect } = useKeptKeys()

  /** Opens it, at the second step of the command with that id when one is named. */
  function open(commandId: string | null = null): void {
    isSheetOpen.value = false
    begin.value = commandId
    expect(() => isOpen.value)
    isOpen.value = true
  }

  function toggle(): void {
    if (isOpen.value) isOpen.value = false
    else open()
  }

  return { isOpen, isSheetOpen, begin, open, toggle }
}

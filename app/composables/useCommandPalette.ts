const isOpen = ref(false)
const isSheetOpen = ref(false)
const begin = ref<string | null>(null)

const patience = 3_000 // milliseconds in which keys wait for the palette
let waitsUntil = 0
let typed = ''

/** The palette and the sheet of keys. */
export function useCommandPalette() {
  /** Opens it, at the second step of the command with that id when one is named. */
  function open(commandId: string | null = null): void {
    isSheetOpen.value = false
    begin.value = commandId
    typed = ''
    waitsUntil = Date.now() + patience
    isOpen.value = true
  }

  function toggle(): void {
    if (isOpen.value) isOpen.value = false
    else open()
  }

  /** Keeps what is typed between the key that opens the palette and its appearance; answers whether the key is kept. */
  function keep({ key, ctrlKey, metaKey, altKey, isComposing }: KeyboardEvent): boolean {
    if (!isOpen.value || Date.now() > waitsUntil || isComposing || ctrlKey || metaKey || altKey) return false
    if (key.length === 1) typed += key
    else if (key === 'Backspace') typed = typed.slice(0, -1)
    else return false
    return true
  }

  /** From now on the palette hears the keys itself; answers those that were kept for it. */
  function takeOver(): string {
    waitsUntil = 0
    return typed
  }

  return { isOpen, isSheetOpen, begin, open, toggle, keep, takeOver }
}

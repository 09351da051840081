const keptForMs = 3_000 // milliseconds in which keys wait for what opens
let isAwaited = () => false
let waitsUntil = 0
let words = ''
let isEntered = false

/** What is typed between the key that opens something to type into and its appearance. */
export function useKeptKeys() {
  /** From now on keys are kept, as long as `awaited` says that it is still to open. */
  function expect(awaited: () => boolean): void {
    isAwaited = awaited
    words = ''
    isEntered = false
    waitsUntil = Date.now() + keptForMs
  }

  /** Answers whether the key is kept, and means nothing to anybody else. */
  function keep({ key, ctrlKey, metaKey, altKey, isComposing }: KeyboardEvent): boolean {
    if (Date.now() > waitsUntil || !isAwaited() || isComposing || ctrlKey || metaKey || altKey) return false
    if (key === 'Enter') isEntered = true
    else if (key.length === 1) words += key
    else if (key === 'Backspace') words = words.slice(0, -1)
    else return false
    return true
  }

  /** It has the focus, and hears the keys itself from now on; answers those that were kept. */
  function takeOver(): { words: string; isEntered: boolean } {
    waitsUntil = 0
    return { words, isEntered }
  }

  return { expect, keep, takeOver }
}

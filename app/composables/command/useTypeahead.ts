const waitMs = 3_000 // how long keys are taken for an overlay that does not open
let isAwaited = () => false
let waitsUntil = 0
let words = ''
let isEntered = false

/** Keys that are typed after an overlay was asked for, and before its field has the focus. */
export function useTypeahead() {
  /** Takes keys from now on, for as long as `awaited` answers true. */
  function start(awaited: () => boolean): void {
    isAwaited = awaited
    words = ''
    isEntered = false
    waitsUntil = Date.now() + waitMs
  }

  /** Answers whether the key was taken: nobody else should act on it then. */
  function take({ key, ctrlKey, metaKey, altKey, isComposing }: KeyboardEvent): boolean {
    if (Date.now() > waitsUntil || !isAwaited() || isComposing || ctrlKey || metaKey || altKey) return false
    if (key === 'Enter') isEntered = true
    else if (key.length === 1) words += key
    else if (key === 'Backspace') words = words.slice(0, -1)
    else return false
    return true
  }

  /** To be called when the field has the focus; answers what was typed until then. */
  function takeOver(): { words: string; isEntered: boolean } {
    waitsUntil = 0
    return { words, isEntered }
  }

  return { start, take, takeOver }
}

const timeoutMs = 3_000 // stop capturing keys for an overlay that does not open
let isOverlayExpected = () => false
let capturesUntil = 0
let words = ''
let hasEnter = false

/** Captures keys that are typed after an overlay was requested and before its field has the focus. */
export function useTypeahead() {
  /** Starts capturing keys while `isExpected` returns true. */
  function start(isExpected: () => boolean): void {
    isOverlayExpected = isExpected
    words = ''
    hasEnter = false
    capturesUntil = Date.now() + timeoutMs
  }

  /** Returns whether the key was captured; other handlers must then ignore it. */
  function capture({ key, ctrlKey, metaKey, altKey, isComposing }: KeyboardEvent): boolean {
    if (Date.now() > capturesUntil || !isOverlayExpected() || isComposing || ctrlKey || metaKey || altKey) return false
    if (key === 'Enter') hasEnter = true
    else if (key.length === 1) words += key
    else if (key === 'Backspace') words = words.slice(0, -1)
    else return false
    return true
  }

  /** Stops capturing when the field has the focus, and returns what was typed. */
  function takeOver(): { words: string; hasEnter: boolean } {
    capturesUntil = 0
    return { words, hasEnter }
  }

  return { start, capture, takeOver }
}

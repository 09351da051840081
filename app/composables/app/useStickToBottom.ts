import type { Ref } from 'vue'

// Texts and images of what was just shown still grow for a moment.
const settling = 1_500

/** Keeps a scrolling area at its end while new contents settle, and lets go as soon as its reader scrolls. */
export function useStickToBottom(area: Readonly<Ref<HTMLElement | null>>, content: Readonly<Ref<HTMLElement | null>>) {
  let until = 0

  async function toEnd(): Promise<void> {
    until = Date.now() + settling
    await nextTick()
    scroll()
  }

  /** Whether the end is in view, give or take a few lines. */
  function isAtEnd(): boolean {
    return area.value !== null && area.value.scrollHeight - area.value.scrollTop - area.value.clientHeight < 160
  }

  function scroll(): void {
    area.value?.scrollTo({ top: area.value.scrollHeight })
  }

  useResizeObserver(content, () => {
    if (Date.now() < until) scroll()
  })
  useEventListener(
    area,
    ['wheel', 'touchmove', 'keydown', 'pointerdown'],
    () => {
      until = 0
    },
    { passive: true }
  )

  return { toEnd, isAtEnd }
}

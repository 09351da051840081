import type { Ref } from 'vue'

// New content can still grow while its Markdown and images load.
const settleMs = 1_500

/** Keeps a scroll area at its end while new content settles; stops as soon as the reader scrolls. */
export function useStickToBottom(area: Readonly<Ref<HTMLElement | null>>, content: Readonly<Ref<HTMLElement | null>>) {
  let until = 0

  async function scrollToEnd(): Promise<void> {
    until = Date.now() + settleMs
    await nextTick()
    scroll()
  }

  /** Whether the end is in view, within a few lines. */
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

  return { scrollToEnd, isAtEnd }
}

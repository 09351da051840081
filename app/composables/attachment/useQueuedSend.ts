/** Calls `send` by itself when the files of a message are uploaded, after somebody asked to send it earlier. */
export function useQueuedSend(isUploading: Readonly<Ref<boolean>>, send: () => void) {
  const isQueued = ref(false)

  watch(isUploading, now => {
    if (now || !isQueued.value) return
    isQueued.value = false
    send()
  })

  return {
    isQueued: readonly(isQueued),
    queue: () => {
      isQueued.value = true
    },
    /** Returns whether it was queued. */
    takeBack: (): boolean => {
      const wasQueued = isQueued.value
      isQueued.value = false
      return wasQueued
    }
  }
}

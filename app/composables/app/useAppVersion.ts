const isNewReady = ref(false)

/** Whether a newer version of the app than this page is there. It comes with the next page, or when it is asked for. */
export function useAppVersion() {
  return { isNewReady, takeNew: () => window.location.reload() }
}

const hasNewVersion = ref(false)

/** Whether a newer version of the app than this page is available. It is loaded with the next page, or by `takeNew`. */
export function useAppVersion() {
  return { hasNewVersion, takeNew: () => window.location.reload() }
}

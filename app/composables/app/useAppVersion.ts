const hasNewVersion = ref(false)

/** Whether a newer version of the app is available. The next navigation loads it, or `reload`. */
export function useAppVersion() {
  return { hasNewVersion, reload: () => window.location.reload() }
}

import { defaultPreferences, type Preferences } from '#shared/preferences'

/** How the signed-in person likes their lists and keys. A change shows at once; one that cannot be saved is taken back. */
export function usePreferences() {
  const { profile } = useTeam()
  const { save } = useProfile()
  const preferences = computed<Preferences>(() => profile.value?.preferences ?? defaultPreferences)

  const { run: set } = useAction(
    async (changes: Partial<Preferences>) => {
      if (!profile.value) return
      const before = profile.value
      profile.value = { ...before, preferences: { ...before.preferences, ...changes } }
      try {
        await save({ preferences: changes })
      } catch (error) {
        profile.value = before
        throw error
      }
    },
    { failure: 'Your preference was not saved' }
  )

  return { preferences, set }
}

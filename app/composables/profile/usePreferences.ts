import { defaultPreferences, type Preferences } from '#shared/preferences'

/** How the signed-in person likes their lists and keys. A change shows at once and is taken back if it cannot be saved. */
export function usePreferences() {
  const { profile } = useTeam()
  const { save } = useProfile()
  const preferences = computed<Preferences>(() => profile.value?.preferences ?? defaultPreferences)

  const { run: set } = useAction(
    async (changes: Partial<Preferences>) => {
      const me = profile.value
      if (!me) return
      await optimistic(profile, { ...me, preferences: { ...me.preferences, ...changes } }, () => save({ preferences: changes }))
    },
    { failure: 'Your preference was not saved' }
  )

  return { preferences, set }
}

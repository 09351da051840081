import type { ProfileUpdate } from '#shared/schemas/profile'
import type { Profile } from '#shared/types/api'

const avatarSize = 256 // pixels; the route takes at most 256 KB

/** The signed-in person's own profile. */
export function useProfile() {
  const { profile } = useTeam()

  async function save(update: ProfileUpdate): Promise<void> {
    profile.value = await $fetch<Profile>('/api/profile', { method: 'PATCH', body: update })
  }

  async function setAvatar(file: File): Promise<void> {
    const image = await cropToSquare(file, avatarSize)
    profile.value = await $fetch<Profile>('/api/profile/avatar', { method: 'PUT', body: image, headers: { 'content-type': image.type } })
  }

  async function removeAvatar(): Promise<void> {
    profile.value = await $fetch<Profile>('/api/profile/avatar', { method: 'DELETE' })
  }

  return { profile, save, setAvatar, removeAvatar }
}

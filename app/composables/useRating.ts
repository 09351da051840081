import type { RatingUpdate } from '#shared/schemas/rating'
import type { Rating } from '#shared/types/api'

/** What the holder of a rating link sees. Needs no session, and changes nothing. */
export function useRating(token: string) {
  const request = useRequestFetch()
  return useAsyncData(`rating-${token}`, () => request<Rating>(path(token)))
}

export async function saveRating(token: string, rating: RatingUpdate): Promise<Rating> {
  return await $fetch<Rating>(path(token), { method: 'POST', body: rating })
}

function path(token: string): string {
  return `/api/ratings/${encodeURIComponent(token)}`
}

import type { ApiDocument } from '~/utils/api/api-reference'

/** The API's own description. */
export async function useApiReference(): Promise<{ document: ApiDocument; origin: string }> {
  const origin = useRuntimeConfig().public.siteUrl.replace(/\/$/, '')
  return { document: await $fetch<ApiDocument>('/api/openapi.json'), origin }
}

import type { ApiDocument } from '~/utils/api/api-reference'

/** The OpenAPI document, and the origin for example requests. */
export async function useApiReference(): Promise<{ document: ApiDocument; origin: string }> {
  const origin = useRuntimeConfig().public.siteUrl.replace(/\/$/, '')
  return { document: await $fetch<ApiDocument>('/api/openapi.json'), origin }
}

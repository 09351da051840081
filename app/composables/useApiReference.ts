import type { ApiDocument } from '~/utils/api-reference'

/**
 * The API's own description. Null while a page that the server has rendered is taken over: it holds everything already,
 * and neither the document nor what renders it is sent a second time.
 */
export async function useApiReference(): Promise<{ document: ApiDocument | null, origin: string }> {
  const origin = useRuntimeConfig().public.siteUrl.replace(/\/$/, '')
  const isThere = import.meta.client && useNuxtApp().isHydrating
  return { document: isThere ? null : await $fetch<ApiDocument>('/api/openapi.json'), origin }
}

import type { App } from '@supabase/lite'

type Signed = { path?: string, signedUrl?: string, error?: string | null, token?: string }

/** The Storage API of `@supabase/lite`, with signed URLs named as hosted names them (and its own client expects). */
export function createStorage(app: App): (request: Request) => Promise<Response> {
  return async (request) => {
    const response = await app.fetch(request)
    const { pathname } = new URL(request.url)
    if (!response.ok || request.method !== 'POST' || !/^\/storage\/v1\/object\/(upload\/)?sign\//.test(pathname)) return response
    const body = await response.json() as Signed | Signed[]
    if (Array.isArray(body)) return Response.json(body.map(({ path, signedUrl, error }) => ({ path, signedURL: signedUrl ? relative(signedUrl) : null, error: error ?? null })))
    const url = relative(body.signedUrl ?? '')
    return Response.json(pathname.includes('/upload/') ? { url, token: body.token } : { signedURL: url })
  }
}

function relative(url: string): string {
  return url.replace(/^\/storage\/v1/, '')
}

import type { App } from '@supabase/lite'
import { jwtVerify } from 'jose'

type SignedUrl = { path?: string; signedUrl?: string; error?: string | null; token?: string }

/**
 * Serves the Storage API of `@supabase/lite` with two corrections towards hosted: answers name signed URLs `signedURL`, as
 * supabase-js expects, and a forged or expired signed URL is answered with 400.
 */
export function createStorage(app: App, jwtSecret: string): (request: Request) => Promise<Response> {
  const key = new TextEncoder().encode(jwtSecret)
  return async request => {
    const { pathname, searchParams } = new URL(request.url)
    if (!/^\/storage\/v1\/object\/(upload\/)?sign\//.test(pathname)) return app.fetch(request)
    if (request.method !== 'POST') {
      const isValid = await jwtVerify(searchParams.get('token') ?? '', key, { algorithms: ['HS256'] }).then(
        () => true,
        () => false
      )
      return isValid
        ? app.fetch(request)
        : Response.json({ statusCode: '400', error: 'InvalidJWT', message: 'The signed URL is not valid or has expired' }, { status: 400 })
    }
    const response = await app.fetch(request)
    if (!response.ok) return response
    const body = (await response.json()) as SignedUrl | SignedUrl[]
    if (Array.isArray(body))
      return Response.json(
        body.map(({ path, signedUrl, error }) => ({ path, signedURL: signedUrl ? stripPrefix(signedUrl) : null, error: error ?? null }))
      )
    const url = stripPrefix(body.signedUrl ?? '')
    return Response.json(pathname.includes('/upload/') ? { url, token: body.token } : { signedURL: url })
  }
}

function stripPrefix(url: string): string {
  return url.replace(/^\/storage\/v1/, '')
}

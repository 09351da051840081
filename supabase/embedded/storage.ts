import type { App } from '@supabase/lite'
import { jwtVerify } from 'jose'

type SignedUrl = { path?: string; signedUrl?: string; error?: string | null; token?: string }
type StoredObject = { name: string; id: string | null; [column: string]: unknown }
type ListRequest = {
  prefix?: string
  limit?: number
  offset?: number
  search?: string
  sortBy?: { column?: string; order?: string }
}

// As many objects as one list groups into folders.
const maxListed = 100_000

/**
 * Serves the Storage API of `@supabase/lite` with corrections towards hosted: signed URLs are named `signedURL`, as supabase-js expects; a
 * forged or expired one answers 400, and one with `download` is saved as a file; lists show names below a folder; the size limit of a bucket
 * may have a unit.
 */
export function createStorage(app: App, jwtSecret: string): (request: Request) => Promise<Response> {
  const key = new TextEncoder().encode(jwtSecret)
  const isSigned = (token: string | null) =>
    jwtVerify(token ?? '', key, { algorithms: ['HS256'] }).then(
      () => true,
      () => false
    )
  return async request => {
    const { pathname, searchParams } = new URL(request.url)
    const { method } = request
    if (/^\/storage\/v1\/object\/(upload\/)?sign\//.test(pathname)) {
      if (method === 'POST') return renameSignedUrls(await app.fetch(request), pathname)
      if (!(await isSigned(searchParams.get('token')))) return refuse('400', 'InvalidJWT', 'The signed URL is not valid or has expired')
    }
    if (method === 'POST' && pathname.startsWith('/storage/v1/object/list/')) return list(app, request)
    if ((method === 'POST' || method === 'PUT') && /^\/storage\/v1\/bucket(\/|$)/.test(pathname)) return writeBucket(app, request)
    const response = await app.fetch(request)
    return method === 'GET' && response.ok ? saveAs(response, searchParams.get('download')) : response
  }
}

async function renameSignedUrls(response: Response, pathname: string): Promise<Response> {
  if (!response.ok) return response
  const body = (await response.json()) as SignedUrl | SignedUrl[]
  if (Array.isArray(body))
    return Response.json(
      body.map(({ path, signedUrl, error }) => ({ path, signedURL: signedUrl ? stripPrefix(signedUrl) : null, error: error ?? null }))
    )
  const url = stripPrefix(body.signedUrl ?? '')
  return Response.json(pathname.includes('/upload/') ? { url, token: body.token } : { signedURL: url })
}

function stripPrefix(url: string): string {
  return url.replace(/^\/storage\/v1/, '')
}

// The format of storage-api (renderer.ts): the name is encoded in both parameters.
function saveAs(response: Response, name: string | null): Response {
  if (name === null) return response
  const headers = new Headers(response.headers)
  const encoded = encodeURIComponent(name)
  headers.set('content-disposition', name === '' ? 'attachment;' : `attachment; filename=${encoded}; filename*=UTF-8''${encoded};`)
  return new Response(response.body, { status: response.status, headers })
}

/** `@supabase/lite` lists everything that begins with the prefix, by full names; hosted lists one level, as storage.search() does. */
async function list(app: App, request: Request): Promise<Response> {
  const { prefix = '', limit = 100, offset = 0, search = '', sortBy, ...others } = (await request.json()) as ListRequest
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
  const response = await app.fetch(withBody(request, { ...others, prefix: folder, limit: maxListed, offset: 0 }))
  if (!response.ok) return response
  const entries = new Map<string, StoredObject>()
  for (const object of (await response.json()) as StoredObject[]) {
    if (!object.name.startsWith(folder)) continue // "_" and "%" in a prefix match more
    const [name, ...below] = object.name.slice(folder.length).split('/') as [string, ...string[]]
    const isFolder = below.length > 0
    const entry = isFolder
      ? { name, id: null, updated_at: null, created_at: null, last_accessed_at: null, metadata: null }
      : { ...object, name }
    if (name.toLowerCase().startsWith(search.toLowerCase())) entries.set(isFolder ? `${name}/` : name, entry)
  }
  const column = sortBy?.column ?? 'name'
  const direction = sortBy?.order === 'desc' ? -1 : 1
  const text = (entry: StoredObject) => String(entry[column] ?? '')
  const sorted = [...entries.values()].sort((one, other) => direction * (text(one) < text(other) ? -1 : text(one) > text(other) ? 1 : 0))
  return Response.json(sorted.slice(offset, offset + limit))
}

async function writeBucket(app: App, request: Request): Promise<Response> {
  const bucket = (await request.json()) as { file_size_limit?: unknown }
  const { file_size_limit: limit } = bucket
  if (typeof limit !== 'string') return app.fetch(withBody(request, bucket))
  const bytes = parseSize(limit)
  return bytes === undefined
    ? refuse('422', 'Invalid file size format', 'The file size limit must be a number with or without a unit')
    : app.fetch(withBody(request, { ...bucket, file_size_limit: bytes }))
}

const units: Record<string, number> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9 }

/** Bytes, with three significant digits, as storage-api reads them. */
function parseSize(text: string): number | undefined {
  const [, value, unit] = /^(\d+(?:\.\d+)?)(gb|mb|kb|b)$/i.exec(text) ?? []
  if (/^\d+$/.test(text)) return Number(text)
  return value && unit ? Number(Number(value).toPrecision(3)) * units[unit.toLowerCase()]! : undefined
}

function withBody(request: Request, body: unknown): Request {
  const headers = new Headers(request.headers)
  headers.delete('content-length')
  return new Request(request.url, { method: request.method, headers, body: JSON.stringify(body) })
}

function refuse(statusCode: string, error: string, message: string): Response {
  return Response.json({ statusCode, error, message }, { status: 400 })
}

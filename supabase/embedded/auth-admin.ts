import { createHash, timingSafeEqual } from 'node:crypto'
import { jwtVerify } from 'jose'
import type { Sql } from 'postgres'
import { z } from 'zod'
import type { createLinkGenerator } from './auth-admin-links.ts'

export type AuthAdminOptions = {
  sql: Sql
  secretKey: string
  jwtKey: Uint8Array
  readJson: (request: Request) => Promise<Record<string, unknown>>
  generateLink: ReturnType<typeof createLinkGenerator>
}

interface AdminUser {
  id: string
}

const paging = z.object({ page: z.coerce.number().int().min(1).default(1), per_page: z.coerce.number().int().min(1).max(1000).default(50) })

/**
 * Serves the part of GoTrue's admin API that Studio's "Delete user" calls: `GET /admin/users`, and `GET` and `DELETE
 * /admin/users/<id>`; and `POST /admin/generate_link`, for links in our own mails. Requires the secret key or a token of the service role. Returns null for any other path.
 */
export function createAuthAdmin({
  sql,
  secretKey,
  jwtKey,
  readJson,
  generateLink
}: AuthAdminOptions): (request: Request, path: string) => Promise<Response | null> {
  async function isAdmin(request: Request): Promise<boolean> {
    const bearer = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
    if ([request.headers.get('apikey'), bearer].some(key => key && isSameKey(key, secretKey))) return true
    const verified = bearer && (await jwtVerify(bearer, jwtKey, { algorithms: ['HS256'] }).catch(() => null))
    return Boolean(verified) && (verified as { payload: Record<string, unknown> }).payload.role === 'service_role'
  }

  async function list(query: URLSearchParams): Promise<Response> {
    const parsed = paging.safeParse(Object.fromEntries([...query].filter(([, value]) => value !== '')))
    if (!parsed.success) return errorResponse(400, 'validation_failed', 'Bad Pagination Parameters')
    const { page, per_page } = parsed.data
    const users = await sql<
      AdminUser[]
    >`${userColumns(sql)} where deleted_at is null order by created_at desc, id limit ${per_page} offset ${(page - 1) * per_page}`
    const [{ total }] = await sql<[{ total: number }]>`select count(*)::int as total from auth.users where deleted_at is null`
    return Response.json({ users, aud: 'authenticated' }, { headers: { 'x-total-count': String(total) } })
  }

  async function remove(id: string, request: Request): Promise<Response> {
    const text = await request.text()
    const body = z.object({ should_soft_delete: z.boolean().optional() }).safeParse(text ? parseJson(text) : {})
    if (!body.success) return errorResponse(400, 'bad_json', 'Could not read params')
    // A soft delete keeps the row, without address, password and metadata, as models/user.go (SoftDeleteUser) does.
    const removed = body.data.should_soft_delete
      ? await sql`
        update auth.users set email = encode(sha256(convert_to(id || email, 'UTF8')), 'hex'), encrypted_password = null, raw_user_meta_data = '{}', raw_app_meta_data = '{}', deleted_at = now(), updated_at = now()
        where id = ${id} and deleted_at is null returning id`
      : await sql`delete from auth.users where id = ${id} returning id`
    if (removed.length === 0) return errorResponse(404, 'user_not_found', 'User not found')
    await sql`delete from auth.sessions where user_id = ${id}`
    return Response.json({})
  }

  return async (request, path) => {
    const [, id] = /^\/admin\/users(?:\/([^/]+))?$/.exec(path) ?? []
    const isLink = path === '/admin/generate_link' && request.method === 'POST'
    const isUsers = path === '/admin/users' ? request.method === 'GET' : id !== undefined && ['GET', 'DELETE'].includes(request.method)
    if (!isLink && !isUsers) return null
    if (!request.headers.get('authorization') && !isSameKey(request.headers.get('apikey') ?? '', secretKey))
      return errorResponse(401, 'no_authorization', 'This endpoint requires a valid Bearer token')
    if (!(await isAdmin(request))) return errorResponse(403, 'not_admin', 'User not allowed')
    if (isLink) {
      const { userId, properties } = await generateLink(await readJson(request), new URL(request.url).searchParams.get('redirect_to'))
      const [user] = await sql<AdminUser[]>`${userColumns(sql)} where id = ${userId}`
      return Response.json({ ...user, ...properties })
    }
    if (id === undefined) return list(new URL(request.url).searchParams)
    if (!z.guid().safeParse(id).success) return errorResponse(404, 'validation_failed', 'user_id must be an UUID')
    if (request.method === 'DELETE') return remove(id, request)
    const [user] = await sql<AdminUser[]>`${userColumns(sql)} where id = ${id}`
    return user ? Response.json(user) : errorResponse(404, 'user_not_found', 'User not found')
  }
}

function userColumns(sql: Sql) {
  return sql`
    select id, aud, role, email, '' as phone, email_confirmed_at, last_sign_in_at, banned_until, raw_app_meta_data as app_metadata, raw_user_meta_data as user_metadata, created_at, updated_at, false as is_anonymous
    from auth.users`
}

function errorResponse(status: number, errorCode: string, msg: string): Response {
  return Response.json({ code: status, error_code: errorCode, msg }, { status, headers: { 'x-sb-error-code': errorCode } })
}

function isSameKey(a: string, b: string): boolean {
  const [one, other] = [a, b].map(text => createHash('sha256').update(text).digest())
  return timingSafeEqual(one!, other!)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

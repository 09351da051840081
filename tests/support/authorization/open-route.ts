import { anybody } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

export const openapi: AuthorizationRow[] = [
  { does: 'reads the description of the API', by: anybody, route: { request: 'GET /openapi.json', status: 200 } }
]

/** The HTTP answer to a database error. `code` is stable, and `message` names no table. */
export interface DatabaseFailure {
  statusCode: number
  code: string
  message: string
  path?: string
  /** Seconds. */
  retryAfter?: number
}

const failuresByCode: Record<string, DatabaseFailure> = {
  '23502': { statusCode: 400, code: 'invalid', message: 'A required value is missing' },
  '23503': { statusCode: 400, code: 'unknown_reference', message: 'Refers to something that does not exist' },
  '23505': { statusCode: 409, code: 'conflict', message: 'This already exists' },
  '23514': { statusCode: 400, code: 'invalid', message: 'A value is not allowed' },
  '25006': { statusCode: 403, code: 'scope', message: 'The scopes of this API key do not allow this' },
  '42501': { statusCode: 403, code: 'forbidden', message: 'Your role does not allow this' },
  '40001': { statusCode: 409, code: 'conflict', message: 'Somebody changed this at the same moment; try again' },
  '40P01': { statusCode: 409, code: 'conflict', message: 'Somebody changed this at the same moment; try again' },
  '55006': { statusCode: 503, code: 'unavailable', message: 'The database is busy; try again' },
  '55P03': { statusCode: 503, code: 'unavailable', message: 'The database is busy; try again' }, // lock_timeout
  '57014': { statusCode: 503, code: 'timeout', message: 'This took too long; try a narrower request' }
}

// Constraints that a form can violate.
const failuresByConstraint: Record<string, DatabaseFailure> = {
  teams_slug_key: { statusCode: 409, code: 'slug_taken', message: 'This address is already taken', path: 'slug' },
  tickets_team_id_category_fkey: { statusCode: 400, code: 'unknown_category', message: 'Not a category of this team', path: 'category' },
  tickets_team_id_category_type_id_fkey: { statusCode: 400, code: 'invalid', message: 'Not a type of this category', path: 'type_id' },
  tickets_team_id_type_id_item_id_fkey: { statusCode: 400, code: 'invalid', message: 'Not an item of this type', path: 'item_id' },
  tickets_item_has_type: { statusCode: 400, code: 'invalid', message: 'Not an item of this type', path: 'item_id' },
  ticket_categories_name_key: { statusCode: 409, code: 'name_taken', message: 'A category with this name already exists', path: 'name' },
  ticket_types_name_key: { statusCode: 409, code: 'name_taken', message: 'A type with this name already exists', path: 'name' },
  ticket_items_name_key: { statusCode: 409, code: 'name_taken', message: 'An item with this name already exists', path: 'name' },
  article_categories_name_key: { statusCode: 409, code: 'name_taken', message: 'A category with this name already exists', path: 'name' },
  articles_category: { statusCode: 400, code: 'unknown_category', message: 'Not an article category of this team', path: 'category_id' },
  calendars_name_key: { statusCode: 409, code: 'name_taken', message: 'A calendar with this name already exists', path: 'name' },
  tickets_project: { statusCode: 400, code: 'invalid', message: 'Not a project of this team', path: 'project_id' },
  contact_addresses_pkey: { statusCode: 409, code: 'address_taken', message: 'Another contact has this address', path: 'address' },
  organization_domains_pkey: { statusCode: 409, code: 'domain_taken', message: 'Another organization lists this domain', path: 'domains' },
  tickets_team_id_assigned_to_fkey: { statusCode: 400, code: 'invalid', message: 'Not an agent of this team', path: 'assigned_to' }
}

const defaultCodes: Record<number, string> = { 403: 'forbidden', 404: 'not_found' }

interface PostgresError {
  code: string
  message: string
  detail?: string
  hint?: string
  constraint?: string
}

const unreachable: DatabaseFailure = {
  statusCode: 503,
  code: 'unavailable',
  message: 'The database cannot be reached; try again in a moment'
}

const unreachableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '25P03'
])

/** Maps a database error to an answer; undefined for any other error. */
export function databaseFailure(error: unknown): DatabaseFailure | undefined {
  if (isConnectionLost(error)) return unreachable
  if (!isPostgresError(error)) return
  if (unreachableCodes.has(error.code)) return unreachable
  // Our own functions raise PT<status>, PostgREST's convention, with a message for people.
  const raised = /^PT(4\d\d)$/.exec(error.code)
  if (raised) {
    const statusCode = Number(raised[1])
    return {
      statusCode,
      code: error.detail || defaultCodes[statusCode] || 'refused',
      message: error.message,
      ...(statusCode === 400 && error.detail && { code: 'invalid', path: error.detail }),
      ...(statusCode === 429 && { retryAfter: Number(error.hint) || 60 })
    }
  }
  if (error.code.startsWith('22')) return { statusCode: 400, code: 'invalid', message: 'A value cannot be stored' }
  return (error.constraint && failuresByConstraint[error.constraint]) || failuresByCode[error.code]
}

// pg sets no code on these errors.
function isConnectionLost(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(Connection terminated|timeout exceeded when trying to connect|Client (has encountered a connection error|was closed))/.test(
      error.message
    )
  )
}

function isPostgresError(error: unknown): error is PostgresError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

import type { H3Event } from 'h3'
import type { z } from '#shared/schemas/zod'
import type { Issue } from '#shared/types/api'
import type { PortalForm, PortalProblem } from '#shared/types/portal'

export const emptyForm: PortalForm = { values: {}, problems: {} }

/**
 * The fields of a form that a page without scripts sent. Throws 403 for a form of another site, 415 for another content type, 413 over
 * `maxBodyBytes`. Browsers send line breaks as CR LF.
 */
export async function readForm(event: H3Event): Promise<Record<string, string>> {
  refuseForeignSites(event)
  if (!/^application\/x-www-form-urlencoded\b/i.test(getHeader(event, 'content-type') ?? ''))
    throw failure(415, 'content_type', 'Send a form')
  const text = (await readBytes(event, maxFormBytes)).toString('utf8')
  return Object.fromEntries([...new URLSearchParams(text)].map(([name, value]) => [name, value.replaceAll('\r\n', '\n')]))
}

// A description of 50,000 characters of four bytes, each written as %XX.
const maxFormBytes = 700_000

/** The fields as `schema` reads them, or the problem of each. */
export function checkForm<T extends z.ZodType>(
  schema: T,
  values: Record<string, string>
): { fields: z.output<T>; form: null } | { fields: null; form: PortalForm } {
  const parsed = schema.safeParse(values)
  if (parsed.success) return { fields: parsed.data, form: null }
  const problems: Record<string, PortalProblem> = {}
  for (const issue of parsed.error.issues) problems[issue.path.join('.')] ??= problemOf(issue)
  return { fields: null, form: { values, problems } }
}

function problemOf(issue: z.core.$ZodIssue): PortalProblem {
  if (issue.code === 'too_big') return { kind: 'too_long', max: Number(issue.maximum) }
  if (issue.path[0] === 'email') return { kind: 'email' }
  if (issue.path[0] === 'project_id') return { kind: 'project' }
  return { kind: 'required' }
}

/** The form again, with what was typed, after the domain refused it; throws what is no refusal of this form. Sets the status. */
export function refusedForm(event: H3Event, values: Record<string, string>, error: unknown): PortalForm {
  if (!isError(error)) throw error
  const { code, retry_after: seconds, issues } = (error.data ?? {}) as { code?: string; retry_after?: number; issues?: Issue[] }
  const kinds: Record<string, PortalProblem['kind'] | undefined> = {
    rate_limited: 'rate_limited',
    ticket_closed: 'closed',
    ticket_open: 'open',
    unavailable: 'unavailable',
    timeout: 'unavailable',
    conflict: 'failed',
    invalid: 'failed'
  }
  const kind = kinds[code ?? '']
  const choice = issues?.[0]?.path
  if (choice === 'category' || choice === 'project_id') {
    setResponseStatus(event, 422)
    return { values, problems: { [choice]: { kind: choice === 'category' ? 'category' : 'project' } } }
  }
  if (!kind) throw error
  setResponseStatus(event, error.statusCode)
  return { values, problems: { '': { kind, seconds } } }
}

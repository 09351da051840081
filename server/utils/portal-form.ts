import type { H3Event } from 'h3'
import type { z } from '#shared/schemas/zod'
import type { ReceivedFile } from './receive-file'
import { receiveForm, type FormFileProblem } from './receive-form'
import type { Issue } from '#shared/types/api'
import type { PortalForm, PortalProblem, SentValues } from '#shared/types/portal'

/** What somebody sent. */
export interface SentForm {
  values: Record<string, string>
  files: ReceivedFile[]
  /** Why the files are refused; null for no reason, and for no files. */
  problem: PortalProblem | null
}

export const emptyForm: PortalForm = { values: {}, problems: {} }

/**
 * The fields of a form that a page without scripts sent. Throws 403 for a form of another site, 415 for another content type, 413 over
 * `maxBodyBytes`. Browsers send line breaks as CR LF.
 */
export async function readForm(event: H3Event): Promise<Record<string, string>> {
  refuseForeignSites(event)
  event.context.portalForm = null
  if (!/^application\/x-www-form-urlencoded\b/i.test(getHeader(event, 'content-type') ?? ''))
    throw failure(415, 'content_type', 'Send a form')
  const text = (await readBytes(event, maxFormBytes)).toString('utf8')
  const values = Object.fromEntries([...new URLSearchParams(text)].map(([name, value]) => [name, value.replaceAll('\r\n', '\n')]))
  event.context.portalForm = { values, hadFiles: false } satisfies SentValues
  return values
}

// A description of 50,000 characters of four bytes, each written as %XX.
const maxFormBytes = 700_000

const fileProblems: Record<FormFileProblem, PortalProblem> = {
  too_large: { kind: 'file_too_large' },
  too_many_attachments: { kind: 'too_many_files' },
  empty_file: { kind: 'file_empty' }
}

/**
 * Runs `work` with a form that may hold files. They are on disk, and deleted afterwards. Throws what `readForm` and `receiveForm` throw,
 * and 429 when the sender's network sends too many files at once.
 */
export async function withForm<T>(event: H3Event, teamId: string | null, work: (form: SentForm) => Promise<T>): Promise<T> {
  if (!/^multipart\/form-data\b/i.test(getHeader(event, 'content-type') ?? ''))
    return work({ values: await readForm(event), files: [], problem: null })
  refuseForeignSites(event)
  event.context.teamCaller = { principal: `client:${clientNetwork(event)}`, teamId: teamId ?? 'unknown' }
  return inFileTurn(event, 'form', async () => {
    event.context.portalForm = null
    const { values, files, problem } = await receiveForm(event)
    event.context.portalForm = { values, hadFiles: files.length > 0 || problem !== null } satisfies SentValues
    try {
      return await work({ values, files, problem: problem && fileProblems[problem] })
    } finally {
      for (const file of files) await file.close()
    }
  })
}

/**
 * What somebody sent to a page that cannot handle it, so that the page can keep it. Null for no form, for one of another site, and for one
 * that is too large to be read for this.
 */
export async function keepForm(event: H3Event, teamId: string | null): Promise<SentValues | null> {
  if (event.method !== 'POST') return null
  const isReadable = event.context.portalForm === undefined && Number(getHeader(event, 'content-length') ?? Infinity) <= maxFormBytes
  if (isReadable) await withForm(event, teamId, () => Promise.resolve()).catch(() => null) // the page says what went wrong before
  return (event.context.portalForm as SentValues | null | undefined) ?? null
}

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

/** The same for a form with files. Sets the status 422, or 413 for files that are too large. */
export function checkSent<T extends z.ZodType>(
  event: H3Event,
  schema: T,
  { values, files, problem }: SentForm
): ReturnType<typeof checkForm<T>> {
  const checked = checkForm(schema, values)
  if (checked.form === null && problem === null) return checked
  setResponseStatus(event, problem?.kind === 'file_too_large' ? 413 : 422)
  const problems = { ...checked.form?.problems, ...(problem && { file: problem }) }
  return { fields: null, form: { values, problems, hadFiles: files.length > 0 || problem !== null } }
}

function problemOf(issue: z.core.$ZodIssue): PortalProblem {
  if (issue.code === 'too_big') return { kind: 'too_long', max: Number(issue.maximum) }
  if (issue.path[0] === 'email') return { kind: 'email' }
  if (issue.path[0] === 'score') return { kind: 'score' }
  if (issue.path[0] === 'priority') return { kind: 'priority' }
  if (issue.path[0] === 'project_id') return { kind: 'project' }
  return { kind: 'required' }
}

/** The form again, with what was typed, after the domain refused it; throws what is no refusal of this form. Sets the status. */
export function refusedForm(event: H3Event, values: Record<string, string>, error: unknown): PortalForm {
  if (!isError(error)) throw error
  const {
    code,
    retry_after: seconds,
    issues,
    name
  } = (error.data ?? {}) as { code?: string; retry_after?: number; issues?: Issue[]; name?: string }
  const fileKinds: Record<string, PortalProblem['kind'] | undefined> = {
    upload_infected: 'infected',
    upload_unscanned: 'unscanned',
    too_many_attachments: 'too_many_files'
  }
  const fileKind = fileKinds[code ?? '']
  if (fileKind) {
    setResponseStatus(event, error.statusCode)
    return { values, problems: { file: { kind: fileKind, name } } }
  }
  const kinds: Record<string, PortalProblem['kind'] | undefined> = {
    rate_limited: 'rate_limited',
    ticket_closed: 'closed',
    rating_final: 'rating_final',
    own_address: 'own_address',
    is_requester: 'is_requester',
    already_participant: 'already_participant',
    no_mailbox: 'no_mailbox',
    invitation_limit: 'invitation_limit',
    ticket_open: 'open',
    unavailable: 'unavailable',
    timeout: 'unavailable',
    storage_failed: 'unavailable',
    conflict: 'failed',
    invalid: 'failed'
  }
  const kind = kinds[code ?? '']
  const choice = issues?.[0]?.path
  if (choice === 'category' || choice === 'project_id') {
    setResponseStatus(event, 422)
    return { values, problems: { [choice]: { kind: choice === 'category' ? 'category' : 'project' } } }
  }
  if (code === 'priority_refused') {
    setResponseStatus(event, error.statusCode)
    return { values, problems: { '': { kind: 'priority' } } }
  }
  if (!kind) throw error
  setResponseStatus(event, error.statusCode)
  return { values, problems: { '': { kind, seconds } } }
}

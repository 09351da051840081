import type { DeleteResult } from 'kysely'

/** Thrown by domain functions. The route answers with `statusCode` and `code`. */
export class Refusal extends Error {
  readonly statusCode: number
  readonly code: string
  readonly data: Record<string, unknown>

  constructor(statusCode: number, code: string, message: string, data: Record<string, unknown> = {}) {
    super(message)
    this.statusCode = statusCode
    this.code = code
    this.data = data
  }
}

/** The same for a row that does not exist and for one that the caller may not see. */
export function notFound(): Refusal {
  return new Refusal(404, 'not_found', 'Not found, or you have no access to it')
}

/** Runs a deletion. When it deletes no row, throws the refusal that `explain` returns, else 404. */
export async function deleteOrRefuse(
  query: { executeTakeFirst(): Promise<DeleteResult> },
  explain?: () => Promise<Refusal | undefined>
): Promise<void> {
  const { numDeletedRows } = await query.executeTakeFirst()
  if (numDeletedRows === 0n) throw (await explain?.()) ?? notFound()
}

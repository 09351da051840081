import type { DeleteResult } from 'kysely'

/** What a domain function throws when it must not do what was asked; the edge answers with `statusCode` and `code`. */
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

/** Not there, or not the caller's to see: the two are never told apart. */
export function notFound(): Refusal {
  return new Refusal(404, 'not_found', 'There is nothing here, or it is not yours to see')
}

/** Deletes what the query names. Where that is nothing, throws what `explain` answers, else 404. */
export async function deleteOrRefuse(
  query: { executeTakeFirst(): Promise<DeleteResult> },
  explain?: () => Promise<Refusal | undefined>
): Promise<void> {
  const { numDeletedRows } = await query.executeTakeFirst()
  if (numDeletedRows === 0n) throw (await explain?.()) ?? notFound()
}

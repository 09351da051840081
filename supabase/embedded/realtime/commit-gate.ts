import postgres from 'postgres'
import type { Sql } from 'postgres'
import type { Change, Transaction } from './replication.ts'

export interface CommitGateHandlers {
  onVisible(changes: Change[]): void
  log(line: string): void
}

/**
 * Holds committed transactions back, in order, until every session can see them: a client that is told of a row can
 * read it, and row-level security is not asked about a row that is not there yet. Over its own connection, so that
 * nothing else delays it.
 */
export class CommitGate {
  readonly #sql: Sql
  readonly #handlers: CommitGateHandlers
  #waiting: Transaction[] = []
  #running: Promise<void> | null = null

  constructor(databaseUrl: string, handlers: CommitGateHandlers) {
    this.#handlers = handlers
    this.#sql = postgres(databaseUrl, {
      max: 1,
      onnotice: () => undefined,
      connection: { application_name: 'realtime commits', statement_timeout: 5_000 }
    })
  }

  enter(transaction: Transaction): void {
    this.#waiting.push(transaction)
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    await this.#running
    await this.#sql.end({ timeout: 1 })
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const transactions = this.#waiting
      this.#waiting = []
      try {
        await this.#sql`select realtime.await_visible(${transactions.map(({ xid }) => xid)}::int8[])`
      } catch (error) {
        this.#handlers.log(`realtime: commits could not be awaited: ${(error as Error).message}`)
      }
      for (const { changes } of transactions) this.#handlers.onVisible(changes)
    }
    this.#running = null
  }
}

import postgres from 'postgres'
import type { Sql } from 'postgres'
import type { Change, Transaction } from './replication.ts'

export interface CommitGateHandlers {
  onVisible(changes: Change[]): void
  log(line: string): void
}

/**
 * Delays committed transactions, in order, until all sessions can see them. A client that receives a change can then read
 * the row, and the row-level security check finds it. Hosted does not wait. Uses its own connection, so that no other
 * query delays it.
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
        this.#handlers.log(`realtime: could not wait for commits: ${(error as Error).message}`)
      }
      for (const { changes } of transactions) this.#handlers.onVisible(changes)
    }
    this.#running = null
  }
}

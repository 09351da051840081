import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    products: Product[]
  }
}

export interface Product {
  baseUrl: string
  supabaseUrl: string
  publishableKey: string
  secretKey: string
  jwtSecret: string
  databaseUrl: string
  inboxUrl: string
  /** Ports on 127.0.0.1 that webhooks may call, free for a test's receivers; other ports there are private. */
  receiverPorts: number[]
  /** Path of a file with the output of the server. */
  serverLog: string
}

/** The product of this worker: test files that run in parallel use different ones, each with its own database. */
export function product(): Product {
  return inject('products')[Number(process.env.VITEST_POOL_ID) - 1]!
}

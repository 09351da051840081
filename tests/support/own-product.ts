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
  /** What the server wrote to its output. */
  serverLog: string
}

/** The product of this worker: files that run at the same time have each one of their own, with its database and people. */
export function product(): Product {
  return inject('products')[Number(process.env.VITEST_POOL_ID) - 1]!
}

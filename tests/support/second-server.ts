import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../supabase/embedded/stack.ts'
import { product } from './own-product.ts'
import { startProduct } from './product.ts'

/** Starts another server on the Supabase of this worker: with a virus scanner, or to be killed. */
export async function startSecondServer({ scanner }: { scanner?: { host: string; port: number } } = {}): Promise<{
  baseUrl: string
  stop: (signal?: NodeJS.Signals) => Promise<void>
}> {
  const port = await freePort()
  const baseUrl = `http://127.0.0.1:${port}`
  const { supabaseUrl, publishableKey, secretKey, jwtSecret, databaseUrl } = product()
  const stop = await startProduct({
    port,
    siteUrl: baseUrl,
    serverLog: join(tmpdir(), `switchboard-second-${port}.log`),
    scanner,
    env: {
      SUPABASE_URL: supabaseUrl,
      SUPABASE_KEY: publishableKey,
      SUPABASE_SECRET_KEY: secretKey,
      SUPABASE_JWT_SECRET: jwtSecret,
      DATABASE_URL: databaseUrl,
      SMTP_URL: '',
      MAIL_FROM: 'x@localhost'
    }
  })
  return { baseUrl, stop }
}

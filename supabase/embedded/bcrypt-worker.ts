import { parentPort } from 'node:worker_threads'
import { createRequire, findPackageJSON } from 'node:module'

type Bcrypt = { hash(text: string, cost: number): Promise<string>; compare(text: string, hash: string): Promise<boolean> }
type Job = { id: number; text: string; cost?: number; hash?: string }

const bcrypt = createRequire(findPackageJSON('@supabase/lite', import.meta.url)!)('bcryptjs') as Bcrypt

parentPort?.on('message', ({ id, text, cost, hash }: Job) => {
  const work: Promise<string | boolean> = hash === undefined ? bcrypt.hash(text, cost ?? 10) : bcrypt.compare(text, hash)
  work.then(
    result => parentPort?.postMessage({ id, result }),
    (error: Error) => parentPort?.postMessage({ id, error: error.message })
  )
})

import { createRequire, findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

type Answer = { id: number; result?: string | boolean; error?: string }
type Pending = { resolve(result: string | boolean): void; reject(error: Error): void }
type BcryptModule = { default: { hash: typeof hash; compare: typeof compare } }

const workerCount = 2
const pending = new Map<number, Pending>()
let workers: Worker[] = []
let lastId = 0

export async function hash(text: string, cost: number): Promise<string> {
  return (await runInWorker({ text, cost })) as string
}

export async function compare(text: string, hash: string): Promise<boolean> {
  return (await runInWorker({ text, hash })) as boolean
}

/**
 * Makes the auth server of `@supabase/lite` hash passwords in these worker threads. Its bcrypt is JavaScript and would
 * block the event loop, realtime included, for 70 ms per password. `cost` replaces the package's cost for new hashes.
 */
export async function useThreadsForBcrypt(cost: number): Promise<void> {
  const manifest = findPackageJSON('bcryptjs', findPackageJSON('@supabase/lite', import.meta.url)!)!
  const { exports } = createRequire(import.meta.url)(manifest) as { exports: { '.': { import: { default: string } } } }
  const module = (await import(pathToFileURL(join(dirname(manifest), exports['.'].import.default)).href)) as BcryptModule
  Object.assign(module.default, { hash: (text: string) => hash(text, cost), compare })
}

function runInWorker(job: { text: string; cost?: number; hash?: string }): Promise<string | boolean> {
  if (workers.length === 0) workers = Array.from({ length: workerCount }, startWorker)
  const id = ++lastId
  return new Promise((resolve, reject) => {
    pending.set(id, { resolve, reject })
    workers[id % workerCount]!.postMessage({ id, ...job })
  })
}

function startWorker(): Worker {
  const worker = new Worker(new URL('./bcrypt-worker.ts', import.meta.url))
  worker.on('message', ({ id, result, error }: Answer) => {
    const { resolve, reject } = pending.get(id)!
    pending.delete(id)
    if (result === undefined) reject(new Error(error))
    else resolve(result)
  })
  worker.on('error', error => {
    workers = []
    for (const { reject } of pending.values()) reject(error instanceof Error ? error : new Error(String(error)))
    pending.clear()
  })
  worker.unref() // must come last: a listener for messages refs the worker again
  return worker
}

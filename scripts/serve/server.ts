import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectRoot } from '../../supabase/embedded/cli.ts'

export type ServerOptions = { isDev: boolean; host: string; port: number; env: NodeJS.ProcessEnv; log: (line: string) => void }

export type Server = {
  /** Resolves when the server is ready for the first time. */
  ready: Promise<void>
  /** Resolves when the server has crashed more than five times in a minute and is given up. */
  failed: Promise<void>
  /** Lets accepted requests finish for up to 15 seconds. */
  stop(): Promise<void>
}

const drainMs = 15_000
const readyDeadlineMs = 90_000

/** Runs the built server (or Nuxt's development server), and restarts it when it crashes. */
export function startServer(options: ServerOptions): Server {
  let child: ChildProcess = launch(options)
  let isStopping = false

  async function keepRunning(): Promise<void> {
    const crashes: number[] = []
    for (;;) {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      // After a requested stop `failed` must never resolve.
      if (isStopping) return new Promise(() => {})
      const reason = child.signalCode ?? `exit code ${child.exitCode}`
      crashes.push(Date.now())
      const recent = crashes.filter(time => time > Date.now() - 60_000).length
      if (recent > 5) return
      const delay = Math.min(250 * 2 ** (recent - 1), 4_000)
      options.log(`The server ended unexpectedly (${reason}). Starting it again in ${delay} ms`)
      await sleep(delay)
      if (isStopping) return new Promise(() => {})
      child = launch(options)
    }
  }

  return {
    ready: waitUntilReady(options),
    failed: keepRunning(),
    async stop() {
      isStopping = true
      for (const [signal, graceMs] of [
        ['SIGTERM', drainMs],
        ['SIGKILL', 2_000]
      ] as const) {
        if (child.exitCode !== null || child.signalCode !== null) return
        const exited = once(child, 'exit')
        child.kill(signal)
        await Promise.race([exited, sleep(graceMs, undefined, { ref: false })])
      }
    }
  }
}

function launch(options: ServerOptions): ChildProcess {
  // By default V8 lets its young generation grow to 96 MB, which an export of 100,000 tickets would use in full. Smaller generations also
  // free the buffers of uploads earlier: a hundred of 25 MB take 243 MB with 4, 280 MB with 8.
  const preload = ['--max-semi-space-size=4', '--import', join(projectRoot, 'scripts', 'serve', 'die-with-parent.mjs')]
  const nuxt = join(projectRoot, 'node_modules', 'nuxt', 'bin', 'nuxt.mjs')
  const command = options.isDev
    ? [nuxt, 'dev', '--no-fork', '--host', options.host, '--port', String(options.port)]
    : [join(projectRoot, '.output', 'server', 'index.mjs')]
  const child = spawn(process.execPath, [...preload, ...command], {
    cwd: projectRoot,
    env: { ...options.env, NODE_ENV: options.isDev ? 'development' : 'production' },
    stdio: ['ignore', options.isDev ? 'inherit' : 'pipe', 'inherit', 'ipc'],
    // Its own process group: Ctrl-C signals only the supervisor, which stops the server before the database.
    detached: true
  })
  // Drop the address that Nitro prints: scripts/serve.ts prints SITE_URL when everything is ready.
  child.stdout?.setEncoding('utf8').on('data', (text: string) => process.stdout.write(text.replace(/^Listening on http\S+\n/m, '')))
  return child
}

async function waitUntilReady(options: ServerOptions): Promise<void> {
  const host = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host
  const base = `http://${host.includes(':') ? `[${host}]` : host}:${options.port}`
  const deadline = Date.now() + readyDeadlineMs
  while (Date.now() < deadline) {
    const status = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
      response => response.status,
      () => 0
    )
    if (
      status === 200 ||
      (status === 404 &&
        (await fetch(`${base}/healthz`).then(
          response => response.ok,
          () => false
        )))
    )
      return
    await sleep(50)
  }
  throw new Error(`The server did not become ready within ${readyDeadlineMs / 1000} seconds: ${base}/readyz does not answer 200.`)
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir, readlink } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectRoot } from '../../../supabase/embedded/cli.ts'
import { freePort } from '../../../supabase/embedded/stack.ts'

export type Ports = { PORT: number; SUPABASE_PORT: number; POSTGRES_PORT: number }

/** Runs `npm start`'s script on separate ports and a separate data directory, without settings from the environment. */
export class Product {
  readonly process: ChildProcess
  readonly ports: Ports
  readonly dataDir: string
  output = ''

  constructor(dataDir: string, ports: Ports, options: { args?: string[]; env?: Record<string, string> } = {}) {
    this.dataDir = dataDir
    this.ports = ports
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^(SUPABASE_|DATABASE_URL|NITRO_|NUXT_|SMTP_URL|SITE_URL|HOST$|VITEST|NODE_ENV)/.test(name)
      )
    )
    this.process = spawn(process.execPath, ['scripts/serve.ts', ...(options.args ?? [])], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...inherited,
        DATA_DIR: dataDir,
        ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
        ...options.env
      }
    })
    for (const stream of [this.process.stdout!, this.process.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text))
  }

  /** Waits for the line "Switchboard is ready". @returns the milliseconds since the call */
  async waitUntilReady(): Promise<number> {
    const start = performance.now()
    while (!this.output.includes('Switchboard is ready')) {
      if (this.process.exitCode !== null) throw new Error(`The start command ended with ${this.process.exitCode}:\n${this.output}`)
      if (performance.now() - start > 120_000) throw new Error(`Not ready after 2 min:\n${this.output}`)
      await sleep(10)
    }
    return performance.now() - start
  }

  async waitForExit(): Promise<{ code: number | null; milliseconds: number }> {
    const start = performance.now()
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'close')
    return { code: this.process.exitCode, milliseconds: performance.now() - start }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; milliseconds: number }> {
    const exit = this.waitForExit()
    this.process.kill(signal)
    return exit
  }

  async readPostmasterPid(): Promise<number> {
    return Number((await readFile(join(this.dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
  }

  /** The process id of the web server: the child of the supervisor that runs .output. */
  async findServerPid(): Promise<number> {
    for (const pid of await processes()) {
      const [command, status] = await Promise.all(
        ['cmdline', 'status'].map(file => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''))
      )
      if (command!.includes('.output/server/index.mjs') && status!.includes(`PPid:\t${this.process.pid}\n`)) return pid
    }
    throw new Error('The server is not running')
  }

  /** Waits until a web server other than `previousPid` answers on its port. @returns the milliseconds since the call */
  async waitUntilServing(previousPid?: number): Promise<number> {
    const start = performance.now()
    while (performance.now() - start < 60_000) {
      const pid = await this.findServerPid().catch(() => undefined)
      if (
        pid !== undefined &&
        pid !== previousPid &&
        (await fetch(`http://127.0.0.1:${this.ports.PORT}/`).then(
          response => response.status < 500,
          () => false
        ))
      )
        return performance.now() - start
      await sleep(20)
    }
    throw new Error('The product does not answer')
  }

  async readEnvironment(): Promise<Record<string, string>> {
    const text = await readFile(join(this.dataDir, 'supabase.env'), 'utf8')
    return Object.fromEntries(
      text
        .trim()
        .split('\n')
        .map(line => [line.slice(0, line.indexOf('=')), JSON.parse(line.slice(line.indexOf('=') + 1)) as string])
    )
  }
}

export async function freePorts(): Promise<Ports> {
  return { PORT: await freePort(), SUPABASE_PORT: await freePort(), POSTGRES_PORT: await freePort() }
}

export async function isListening(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1')
  const result = await Promise.race([
    once(socket, 'connect').then(
      () => true,
      () => false
    ),
    sleep(1_000, false)
  ])
  socket.destroy()
  return result
}

/** Local addresses on which a process listens on a port, in the hexadecimal form of /proc/net/tcp and tcp6. */
export async function listeningAddresses(port: number): Promise<string[]> {
  const tables = await Promise.all(['tcp', 'tcp6'].map(name => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return tables
    .join('\n')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields[1]?.endsWith(suffix) && fields[3] === '0A')
    .map(fields => fields[1]!.slice(0, -suffix.length))
}

/** Processes whose working directory is a directory or below it. */
export async function processesIn(directory: string): Promise<number[]> {
  const found = await Promise.all(
    (await processes()).map(async pid => ((await readlink(`/proc/${pid}/cwd`).catch(() => '')).startsWith(directory) ? [pid] : []))
  )
  return found.flat()
}

async function processes(): Promise<number[]> {
  return (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
}

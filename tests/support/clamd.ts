import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { installWithApt } from '../../scripts/apt.ts'
import { freePort } from '../../supabase/embedded/stack.ts'

/** A text that the scanner of the tests finds, as `Switchboard.Test.UNOFFICIAL`. */
export const infectedText = ['SWITCHBOARD', 'INFECTED', 'TEST', 'FILE'].join('-')

/** The test file of the EICAR, in parts, so that scanners do not find it in this repository. */
export const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('')

export interface Clamd {
  host: string
  port: number
  stop: () => Promise<void>
}

/** Starts a real clamd on the loopback with two signatures of its own, and installs it if it is missing (Debian, as root). */
export async function startClamd({ maxStreamMegabytes = 30, port }: { maxStreamMegabytes?: number; port?: number } = {}): Promise<Clamd> {
  installClamd()
  const directory = await mkdtemp(join(tmpdir(), 'switchboard-clamd-'))
  const hex = (text: string) => Buffer.from(text).toString('hex')
  await writeFile(join(directory, 'local.ndb'), `Switchboard.Test:0:*:${hex(infectedText)}\nSwitchboard.Eicar:0:*:${hex(eicar)}\n`)
  const listening = port ?? (await freePort())
  const config = join(directory, 'clamd.conf')
  const settings = {
    Foreground: 'yes',
    DatabaseDirectory: directory,
    TemporaryDirectory: directory,
    TCPSocket: listening,
    TCPAddr: '127.0.0.1',
    StreamMaxLength: `${maxStreamMegabytes}M`,
    SelfCheck: 0
  }
  await writeFile(
    config,
    Object.entries(settings)
      .map(([name, value]) => `${name} ${value}\n`)
      .join('')
  )
  const child = spawn('clamd', ['--config-file', config], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: searchPath } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
  const ended = once(child, 'exit')
  const deadline = Date.now() + 30_000
  while (!(await answers(listening))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`clamd does not answer:\n${output}`)
    }
    await sleep(100)
  }
  return {
    host: '127.0.0.1',
    port: listening,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      await rm(directory, { recursive: true, force: true })
    }
  }
}

const searchPath = `${process.env.PATH}:/usr/sbin`

function installClamd(): void {
  const isThere = spawnSync('clamd', ['--version'], { env: { ...process.env, PATH: searchPath } }).status === 0
  if (!isThere && !installWithApt(['clamav-daemon']))
    throw new Error('These tests need clamd, and it could not be installed: run "apt-get install clamav-daemon" as root')
}

async function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    const end = (isUp: boolean) => {
      socket.destroy()
      resolve(isUp)
    }
    socket.once('error', () => end(false))
    socket.once('connect', () => socket.write('zPING\0'))
    socket.once('data', data => end(data.toString().startsWith('PONG')))
    socket.setTimeout(1_000, () => end(false))
  })
}

import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SettingsError } from './settings.ts'

/** Throws, naming the variable, when the port is still taken after `patienceMs`. */
export async function requireFreePort(variable: string, port: number, host: string, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const problem = await tryPort(port, host)
    if (!problem) return
    if (problem !== 'EADDRINUSE') throw new SettingsError(`Port ${port} on ${host} cannot be used (${problem}). Set ${variable} to another one.`)
    if (Date.now() > deadline) throw new SettingsError(`Port ${port} is taken by another program. Set ${variable} to a free one, for example: ${variable}=${port + 10} npm start`)
    await sleep(100)
  }
}

async function tryPort(port: number, host: string): Promise<string | null> {
  const server = createServer()
  server.listen({ port, host, exclusive: true })
  try {
    await once(server, 'listening')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error'
  }
  server.close()
  await once(server, 'close')
  return null
}

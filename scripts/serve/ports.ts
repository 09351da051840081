import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SettingsError } from './settings-error.ts'

// https://fetch.spec.whatwg.org/#port-blocking
const blockedPorts = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117,
  119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636,
  989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080
])

/** Whether browsers and fetch() refuse to connect to this port. */
export function isBlockedPort(port: number): boolean {
  return blockedPorts.has(port)
}

/** A port near `port` that is not blocked. It may be in use. */
export function pickOtherPort(port: number): number {
  let other = port > 65_000 ? 3_000 : port + 10
  while (isBlockedPort(other)) other++
  return other
}

/** Throws SettingsError with the name of the variable when the port is still in use after `waitMs`. */
export async function requireFreePort(variable: string, port: number, host: string, waitMs: number): Promise<void> {
  const deadline = Date.now() + waitMs
  for (;;) {
    const problem = await tryPort(port, host)
    if (!problem) return
    if (problem !== 'EADDRINUSE')
      throw new SettingsError(`Port ${port} on ${host} cannot be used (${problem}). Set ${variable} to another one.`)
    if (Date.now() > deadline)
      throw new SettingsError(
        `Port ${port} is in use by another program. Set ${variable} to a free one, for example: ${variable}=${pickOtherPort(port)} npm start`
      )
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

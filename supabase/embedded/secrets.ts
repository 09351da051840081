import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

/** Login roles of the database. Each has a generated password. */
export const loginRoles = ['supabase_admin', 'postgres', 'authenticator', 'supabase_auth_admin'] as const
export type LoginRole = (typeof loginRoles)[number]

export type Secrets = {
  jwtSecret: string
  publishableKey: string
  secretKey: string
  passwords: Record<LoginRole, string>
}

/**
 * Reads `<dataDir>/secrets.json` (mode 0600), or generates it on the first start of an install. Throws when the file is
 * unreadable or incomplete, and never replaces it: it has the only copy of the database's passwords.
 */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text !== null) {
    await chmod(path, 0o600)
    return parseSecrets(text, path)
  }
  const secrets: Secrets = {
    jwtSecret: randomBytes(48).toString('base64url'),
    publishableKey: `sb_publishable_${randomBytes(24).toString('base64url')}`,
    secretKey: `sb_secret_${randomBytes(24).toString('base64url')}`,
    passwords: Object.fromEntries(loginRoles.map(role => [role, randomBytes(24).toString('hex')])) as Record<LoginRole, string>
  }
  await writePrivateFile(path, `${JSON.stringify(secrets, null, 2)}\n`)
  return secrets
}

/** Writes a file with mode 0600 atomically. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.chmod(0o600)
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

function parseSecrets(text: string, path: string): Secrets {
  const secrets = JSON.parse(text) as Partial<Secrets>
  const isComplete = secrets.jwtSecret && secrets.publishableKey && secrets.secretKey && loginRoles.every(role => secrets.passwords?.[role])
  if (!isComplete) throw new Error(`${path} is incomplete. Restore it, or remove the data directory to start with an empty install.`)
  return secrets as Secrets
}

import type { Importer } from '#server/domain/ticket/import'
import type { Permission } from '#shared/permissions'
import { loadModule } from '../server-modules.ts'
import { UsageError } from './settings.ts'

const actions = {
  'tickets.create': 'create tickets',
  'tickets.export': 'export tickets',
  'articles.publish': 'publish articles'
} as const satisfies Partial<Record<Permission, string>>

/** Finds the member as whom a command runs. Throws UsageError when there is none, or their role lacks the permission. */
export async function findMember({
  team,
  as,
  permission
}: {
  team: string
  as: string | undefined
  permission: keyof typeof actions
}): Promise<Importer> {
  const [{ asService }, { databaseFailure }, { findImporter }, { roleCan }] = await Promise.all([
    loadModule('server/db/identity'),
    loadModule('server/db/errors'),
    loadModule('server/domain/ticket/import'),
    loadModule('shared/permissions')
  ])
  try {
    const member = await asService('import', db => findImporter(db, team, as))
    if (!roleCan(member.role, permission))
      throw new UsageError(`${member.email} is ${member.role} of ${team}, and may not ${actions[permission]}`)
    return member
  } catch (error) {
    const failure = databaseFailure(error)
    if (failure) throw new UsageError(failure.message)
    if (error instanceof Error && 'statusCode' in error) throw new UsageError(error.message)
    throw error
  }
}

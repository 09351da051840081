import { notificationTexts, type PreferenceKind } from '#shared/notification'
import type { Permission } from '#shared/permissions'
import type { NotificationPreferencesPut } from '#shared/schemas/notification'
import type { NotificationPreference } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'

export async function listPreferences(
  db: Db,
  { teamId, userId }: Caller,
  can: (permission: Permission) => boolean
): Promise<NotificationPreference[]> {
  const rows = await db
    .selectFrom('notification_preferences')
    .select(['kind', 'in_app', 'mail'])
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .execute()
  const stored = new Map(rows.map(row => [row.kind, row]))
  return Object.entries(notificationTexts)
    .filter(([, { permission }]) => !permission || can(permission))
    .map(([kind]) => ({ in_app: true, mail: true, ...stored.get(kind), kind: kind as PreferenceKind }))
}

export async function savePreferences(
  db: Db,
  caller: Caller,
  { preferences }: NotificationPreferencesPut,
  can: (permission: Permission) => boolean
): Promise<NotificationPreference[]> {
  await db
    .insertInto('notification_preferences')
    .values(preferences.map(preference => ({ ...preference, team_id: caller.teamId, user_id: caller.userId })))
    .onConflict(conflict =>
      conflict
        .columns(['team_id', 'user_id', 'kind'])
        .doUpdateSet(eb => ({ in_app: eb.ref('excluded.in_app'), mail: eb.ref('excluded.mail') }))
    )
    .execute()
  return listPreferences(db, caller, can)
}

import { sql } from 'kysely'
import { readPreferences } from '#shared/schemas/preferences'
import type { ProfileUpdate } from '#shared/schemas/profile'
import type { Profile } from '#shared/types/api'
import type { Db } from '../db/types'
import { notFound } from './refusal'

/** The caller's own profile. Throws 404 when the account was deleted and its token is still valid. */
export async function getProfile(db: Db): Promise<Profile> {
  const {
    rows: [profile]
  } =
    await sql<Profile>`select id, email, full_name, avatar_url, last_team_id, preferences, created_at, private.my_topic() as realtime_topic from private.my_profile()`.execute(
      db
    )
  if (!profile) throw notFound()
  return { ...profile, preferences: readPreferences(profile.preferences) }
}

/** Changes the given fields, and of the preferences the given keys. */
export async function updateProfile(db: Db, userId: string, { preferences, ...fields }: ProfileUpdate): Promise<Profile> {
  if (Object.keys(fields).length > 0) await db.updateTable('profiles').set(fields).where('id', '=', userId).execute()
  if (preferences) await sql`select private.save_preferences(${JSON.stringify(preferences)}::text::jsonb)`.execute(db)
  return getProfile(db)
}

export type AvatarType = 'image/png' | 'image/jpeg' | 'image/webp'

export async function saveAvatar(db: Db, content: Buffer, contentType: AvatarType): Promise<Profile> {
  await sql`select private.save_avatar(${content}, ${contentType})`.execute(db)
  return getProfile(db)
}

export async function deleteAvatar(db: Db): Promise<Profile> {
  await sql`select private.delete_avatar()`.execute(db)
  return getProfile(db)
}

/** Throws 404 for the picture of somebody who shares no team with the caller. */
export async function getAvatar(db: Db, userId: string): Promise<{ content: Buffer; content_type: AvatarType }> {
  const {
    rows: [picture]
  } = await sql<{ content: Buffer; content_type: AvatarType }>`select * from private.avatar(${userId})`.execute(db)
  if (!picture) throw notFound()
  return picture
}

/** Detects the type from the bytes, not from the header. Undefined for anything but PNG, JPEG and WebP. */
export function avatarType(content: Buffer): AvatarType | undefined {
  if (content.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return 'image/png'
  if (content.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg'
  if (content.toString('latin1', 0, 4) === 'RIFF' && content.toString('latin1', 8, 12) === 'WEBP') return 'image/webp'
}

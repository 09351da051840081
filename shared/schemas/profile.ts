import { isWeakPassword } from '../utils/weak-password'
import { z } from './zod'
import { preferencesUpdate } from './preferences'
import { email, line, uuid } from './text'

export const fullName = line(100, 'Name')

// bcrypt reads 72 bytes and would silently truncate a longer password.
export const password = z
  .string('Password must be text')
  .min(8, 'Use at least 8 characters')
  .refine(value => new TextEncoder().encode(value).length <= 72, 'Use at most 72 bytes')

/** A new password for the account with this address. */
const passwordOf = (address?: string) => password.refine(value => !isWeakPassword(value, address), 'This password is too easy to guess')

export const profileUpdate = z
  .strictObject({ full_name: fullName, last_team_id: uuid.nullable(), preferences: preferencesUpdate })
  .partial()

/** Cache busting: the URL of a picture changes with the picture. */
export const avatarQuery = z.strictObject({
  v: z.string().max(100).optional().describe('The version, for caches; the answer is always the current picture.')
})

export const signIn = z.strictObject({ email, password: z.string().min(1, 'Password is required') })
export const signUp = z.strictObject({ full_name: fullName, email })
export const welcome = (address?: string) => z.strictObject({ full_name: fullName, password: passwordOf(address) })
export const emailOnly = z.strictObject({ email })
export const passwordReset = (address?: string) => z.strictObject({ password: passwordOf(address) })
export const passwordChange = (address?: string) =>
  z.strictObject({ current_password: z.string().min(1, 'Your current password is required'), password: passwordOf(address) })

export type ProfileUpdate = z.output<typeof profileUpdate>

import { ticketColumns } from '#shared/preferences'
import { avatarQuery, profileUpdate } from '#shared/schemas/profile'
import type { Profile } from '#shared/types/api'
import { z } from '#shared/schemas/zod'
import { file, id, json, moment, row, type Noun } from '../describe'
import { personFields } from './person'

const pictures = ['image/png', 'image/jpeg', 'image/webp'] as const

const profile = row<Profile>()(
  'Profile',
  'What only the person themselves sees of their account.',
  z.object({
    ...personFields,
    email: z.string(),
    last_team_id: id.nullable().describe('The team that they worked in last.'),
    preferences: z.object({ density: z.enum(['comfortable', 'compact']), columns: z.array(z.enum(ticketColumns)), shortcuts: z.boolean() }),
    created_at: moment,
    realtime_topic: z.string().describe('The private channel of your notifications. It changes when one of your sessions ends.')
  })
)

export const profiles: Noun = {
  name: 'Profile',
  description: 'The account of the person who is calling. API keys have none.',
  routes: {
    'GET /profile': {
      id: 'getProfile',
      summary: 'Read your profile',
      answers: { 200: json(profile, "The caller's profile.") },
      refusals: { 404: 'The account was deleted.' }
    },
    'PATCH /profile': {
      id: 'updateProfile',
      summary: 'Change your profile',
      description: 'Of the preferences, the keys that are given change.',
      body: profileUpdate,
      answers: { 200: json(profile, 'The profile as it is now.') }
    },
    'PUT /profile/avatar': {
      id: 'setAvatar',
      summary: 'Set your picture',
      description: 'The body is the picture itself, at most 256 kB.',
      file: pictures,
      answers: { 200: json(profile, 'The profile with the address of the new picture.') }
    },
    'DELETE /profile/avatar': {
      id: 'deleteAvatar',
      summary: 'Remove your picture',
      answers: { 200: json(profile, 'The profile without a picture.') }
    },
    'GET /avatars/[userId]': {
      id: 'getAvatar',
      summary: 'Fetch a picture',
      description: 'Of yourself, or of somebody you share a team with.',
      query: avatarQuery,
      answers: { 200: file('The picture.', ...pictures) }
    }
  }
}

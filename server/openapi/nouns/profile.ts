import { profile } from '#shared/schemas/answers/profile'
import { avatarQuery, profileUpdate } from '#shared/schemas/profile'
import { file, json, type Noun } from '../describe'

const pictures = ['image/png', 'image/jpeg', 'image/webp'] as const

export const profiles: Noun = {
  name: 'Profile',
  description: 'The profile of the calling person. API keys have none.',
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
      description: 'Of `preferences`, only the given keys change.',
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
      description: 'The picture of yourself, or of somebody who shares a team with you.',
      query: avatarQuery,
      answers: { 200: file('The picture.', ...pictures) }
    }
  }
}

import { savedView } from '#shared/schemas/answers/saved-view'
import { pageQuery } from '#shared/schemas/page'
import { savedViewCreate, savedViewUpdate } from '#shared/schemas/saved-view'
import { z } from '#shared/schemas/zod'
import { count, deleted, json, list, type Noun } from '../describe'

export const savedViews: Noun = {
  name: 'Saved views',
  description: 'Named filters of the ticket list: your own, and those that the team shares.',
  routes: {
    'GET /teams/[teamId]/saved-views': {
      id: 'listSavedViews',
      summary: 'List views',
      permission: 'tickets.view',
      query: pageQuery,
      answers: { 200: list(savedView, "The caller's own views and those that the team shares.") }
    },
    'GET /teams/[teamId]/saved-views/counts': {
      id: 'countSavedViews',
      summary: 'Count the tickets of each view',
      permission: 'tickets.view',
      answers: {
        200: json(z.record(z.string(), count), 'The counts, by the id of a view or the name of a default view. Counting stops at 1,000.')
      }
    },
    'POST /teams/[teamId]/saved-views': {
      id: 'createSavedView',
      summary: 'Save a view',
      description: 'Sharing a view needs `views.share`.',
      permission: 'own.manage',
      body: savedViewCreate,
      answers: { 201: json(savedView, 'The new view.') },
      refusals: { 422: '`limit`: a person has at most 50 views.' }
    },
    'PATCH /teams/[teamId]/saved-views/[viewId]': {
      id: 'updateSavedView',
      summary: 'Change a view',
      description: 'Sharing a view, or changing a shared one, needs `views.share`.',
      permission: 'own.manage',
      body: savedViewUpdate,
      answers: { 200: json(savedView, 'The view as it is now.') },
      refusals: { 422: '`limit`: a person has at most 50 views.' }
    },
    'DELETE /teams/[teamId]/saved-views/[viewId]': {
      id: 'deleteSavedView',
      summary: 'Delete a view',
      permission: 'own.manage',
      answers: deleted
    }
  }
}

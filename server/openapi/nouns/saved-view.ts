import { savedViewCreate, savedViewUpdate } from '#shared/schemas/saved-view'
import type { SavedView } from '#shared/types/api'
import { pageQuery } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import { count, deleted, id, json, list, moment, row, type Noun } from '../describe'

const view = row<SavedView>()(
  'SavedView',
  'A list of tickets under a name.',
  z.object({
    id,
    name: z.string(),
    filters: z.record(z.string(), z.union([z.string(), z.array(z.string())])).describe('The query of the list.'),
    is_shared: z.boolean(),
    position: z.int(),
    user_id: id.nullable().describe('Its author; null when they have left the team.'),
    is_repaired: z.boolean().describe('Some of the stored filters are no longer understood, and were left out.'),
    created_at: moment,
    updated_at: moment
  })
)

export const savedViews: Noun = {
  name: 'Saved views',
  description: "Filters of the ticket list under a name: one's own, and those that the team shares.",
  routes: {
    'GET /teams/[teamId]/saved-views': {
      id: 'listSavedViews',
      summary: 'List views',
      permission: 'tickets.view',
      query: pageQuery,
      answers: { 200: list(view, "The caller's own views and those that the team shares.") }
    },
    'GET /teams/[teamId]/saved-views/counts': {
      id: 'countSavedViews',
      summary: 'Count the tickets of each view',
      permission: 'tickets.view',
      answers: { 200: json(z.record(z.string(), count), 'By the id of the view, or the name of a default one. Counting stops at 1,000.') }
    },
    'POST /teams/[teamId]/saved-views': {
      id: 'createSavedView',
      summary: 'Save a view',
      description: 'Sharing needs `views.share`.',
      permission: 'own.manage',
      body: savedViewCreate,
      answers: { 201: json(view, 'The new view.') },
      refusals: { 422: '`limit`: a person has at most 50 views.' }
    },
    'PATCH /teams/[teamId]/saved-views/[viewId]': {
      id: 'updateSavedView',
      summary: 'Change a view',
      description: 'Changing what the team shares needs `views.share`.',
      permission: 'own.manage',
      body: savedViewUpdate,
      answers: { 200: json(view, 'The view as it is now.') },
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

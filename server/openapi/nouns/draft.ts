import { draftedTicket, replyDraft } from '#shared/schemas/answers/reply-draft'
import { pageQuery } from '#shared/schemas/page'
import { replyDraftPut } from '#shared/schemas/reply-draft'
import { json, list, type Noun } from '../describe'

export const drafts: Noun = {
  name: 'Drafts',
  description: 'The unsent reply of a person in a ticket. Nobody else can read it.',
  routes: {
    'GET /teams/[teamId]/drafts': {
      id: 'listDrafts',
      summary: 'List your drafts',
      permission: 'own.manage',
      query: pageQuery,
      answers: { 200: list(draftedTicket, 'Tickets in which the caller has a draft.') }
    },
    'GET /teams/[teamId]/tickets/[ticketId]/draft': {
      id: 'getDraft',
      summary: 'Read your draft',
      permission: 'own.manage',
      answers: { 200: json(replyDraft, 'The draft.'), 204: { description: 'There is no draft.' } }
    },
    'PUT /teams/[teamId]/tickets/[ticketId]/draft': {
      id: 'saveDraft',
      summary: 'Save your draft',
      description:
        'An empty `content` deletes the draft. With `version`, the draft is only saved when the stored draft has this version (null: when none is stored).',
      permission: 'own.manage',
      body: replyDraftPut,
      answers: { 200: json(replyDraft, 'The draft as it is stored.'), 204: { description: 'The draft is deleted.' } },
      refusals: { 412: '`version`: the stored draft has another version; `data.current` is the stored draft.' }
    }
  }
}

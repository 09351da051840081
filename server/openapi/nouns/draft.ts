import { draftedTicket, replyDraft } from '#shared/schemas/answers/reply-draft'
import { pageQuery } from '#shared/schemas/page'
import { replyDraftPut } from '#shared/schemas/reply-draft'
import { json, list, type Noun } from '../describe'

export const drafts: Noun = {
  name: 'Drafts',
  description: 'The unsent reply of a person in a ticket; nobody else sees it.',
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
      answers: { 200: json(replyDraft, 'The draft.'), 204: { description: 'There is none.' } }
    },
    'PUT /teams/[teamId]/tickets/[ticketId]/draft': {
      id: 'saveDraft',
      summary: 'Save your draft',
      description: 'An empty `content` deletes it. With `version`, the draft that this one was made of, nothing else is overwritten.',
      permission: 'own.manage',
      body: replyDraftPut,
      answers: { 200: json(replyDraft, 'The draft as it is stored.'), 204: { description: 'The draft is gone.' } },
      refusals: { 412: '`version`: another draft is stored; `data.current` is that one.' }
    }
  }
}

import { replyDraftPut } from '#shared/schemas/reply-draft'
import type { DraftedTicket, ReplyDraft } from '#shared/types/api'
import { pageQuery } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import { id, json, list, moment, row, type Noun } from '../describe'

const draft = row<ReplyDraft>()(
  'ReplyDraft',
  'What the caller has written in a ticket and not sent.',
  z.object({
    ticket_id: id,
    content: z.string(),
    is_internal: z.boolean(),
    version: id.describe('Another with every change: what `PUT` compares.'),
    updated_at: moment
  })
)

const drafted = row<DraftedTicket>()(
  'DraftedTicket',
  'A ticket in which the caller has a draft.',
  z.object({ ticket_id: id, ticket_number: z.int().min(1), updated_at: moment })
)

export const drafts: Noun = {
  name: 'Drafts',
  description: 'What a person has written in a ticket and not sent; nobody else sees it.',
  routes: {
    'GET /teams/[teamId]/drafts': {
      id: 'listDrafts',
      summary: 'List your drafts',
      permission: 'own.manage',
      query: pageQuery,
      answers: { 200: list(drafted, 'Tickets in which the caller has a draft.') }
    },
    'GET /teams/[teamId]/tickets/[ticketId]/draft': {
      id: 'getDraft',
      summary: 'Read your draft',
      permission: 'own.manage',
      answers: { 200: json(draft, 'The draft.'), 204: { description: 'There is none.' } }
    },
    'PUT /teams/[teamId]/tickets/[ticketId]/draft': {
      id: 'saveDraft',
      summary: 'Save your draft',
      description: 'An empty `content` deletes it. With `version`, the draft that this one was made of, nothing else is overwritten.',
      permission: 'own.manage',
      body: replyDraftPut,
      answers: { 200: json(draft, 'The draft as it is stored.'), 204: { description: 'The draft is gone.' } },
      refusals: { 412: '`version`: another draft is stored; `data.current` is that one.' }
    }
  }
}

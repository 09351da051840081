import { describe, expect, it } from 'vitest'
import type { ReplyDraft } from '#shared/types/api'
import { mergeDraft, noDraft, unsentPart, type LocalDraft } from '~/utils/reply/reply-draft'

const stored = (content: string, version: string, is_internal = false): ReplyDraft => ({
  ticket_id: 'ticket',
  content,
  is_internal,
  version,
  updated_at: '2026-01-01T00:00:00.000Z'
})
const saved = (content: string, version: string | null): LocalDraft => ({ ...noDraft, team_id: 'team', content, version, is_saved: true })
const typed = (content: string, version: string | null): LocalDraft => ({ ...saved(content, version), is_saved: false })

describe('merging the local draft with the stored draft', () => {
  it('a saved local draft takes over any newer stored draft', () => {
    for (const content of ['Begun and finished', 'Other', 'B']) {
      expect(mergeDraft(saved('Begun', '1'), stored(content, '2', true))).toEqual({
        draft: { ...saved(content, '2'), is_internal: true },
        newer: null
      })
    }
    expect(mergeDraft(noDraft, stored('Begun', '1')).draft).toMatchObject({ content: 'Begun', version: '1', is_saved: true })
  })

  it('a saved local draft is emptied when the stored one was deleted, and an internal note stays internal', () => {
    expect(mergeDraft(saved('Begun', '1'), null)).toEqual({ draft: saved('', null), newer: null })
    expect(mergeDraft({ ...saved('Begun', '1'), is_internal: true }, null).draft).toMatchObject({ content: '', is_internal: true })
  })

  it('unsaved text stays, on top of the stored version', () => {
    expect(mergeDraft(typed('Begun here', '1'), stored('Begun', '1'))).toEqual({ draft: typed('Begun here', '1'), newer: null })
    expect(mergeDraft(typed('Rewritten', '1'), stored('Begun', '1'))).toEqual({ draft: typed('Rewritten', '1'), newer: null })
    expect(mergeDraft(typed('', '1'), stored('Begun', '1'))).toEqual({ draft: typed('', '1'), newer: null })
  })

  it('unsaved text stays when the stored draft was deleted, and loses its version', () => {
    expect(mergeDraft(typed('Begun here', '1'), null)).toEqual({ draft: typed('Begun here', null), newer: null })
    expect(mergeDraft(typed('', '1'), null)).toEqual({ draft: saved('', null), newer: null })
  })

  it('of two texts where one is a prefix of the other, the longer one wins', () => {
    expect(mergeDraft(typed('Begun here', null), stored('Begun', '1'))).toEqual({ draft: typed('Begun here', '1'), newer: null })
    expect(mergeDraft(typed('Begun', null), stored('Begun', '1'))).toEqual({ draft: saved('Begun', '1'), newer: null })
    expect(mergeDraft(typed('Begun', '1'), stored('Begun there', '2'))).toEqual({ draft: saved('Begun there', '2'), newer: null })
    expect(mergeDraft(typed('', '1'), stored('Begun there', '2'))).toEqual({ draft: saved('Begun there', '2'), newer: null })
  })

  it('two different texts, or a reply and an internal note, are both kept', () => {
    const local = typed('Begun here', '1')
    for (const other of [stored('Begun there', '2'), stored('Begun', '2', true), stored('Begun here', '2', true)]) {
      expect(mergeDraft(local, other)).toEqual({ draft: local, newer: other })
    }
  })

  it('no stored draft ever replaces unsaved text that it does not contain', () => {
    const texts = ['', 'A', 'A b', 'B', 'A b c']
    for (const content of texts) {
      for (const version of [null, '1', '2']) {
        for (const answer of [null, ...texts.slice(1).flatMap(text => [stored(text, '1'), stored(text, '2'), stored(text, '2', true)])]) {
          const { draft, newer } = mergeDraft(typed(content, version), answer)
          expect(draft.content.startsWith(content)).toBe(true)
          // The stored text is shown, continued, offered as newer, or was the base of the local text.
          if (answer) expect(newer === answer || draft.content.startsWith(answer.content) || answer.version === version).toBe(true)
        }
      }
    }
  })
})

describe('text typed while a reply is being sent', () => {
  it.each([
    ['Hello', 'Hello', ''],
    ['Hello\n\nOne more', 'Hello', 'One more'],
    ['Hello ', 'Hello', ''],
    ['Hallo', 'Hello', 'Hallo'],
    ['', 'Hello', '']
  ])('after typing %j and sending %j, the unsent part is %j', (content, sent, rest) => {
    expect(unsentPart(content, sent)).toBe(rest)
  })
})

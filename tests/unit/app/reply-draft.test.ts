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

describe('a draft of this device and what is stored', () => {
  it('a saved copy follows the server, wherever it was written and however long', () => {
    for (const content of ['Begun and finished', 'Other', 'B']) {
      expect(mergeDraft(saved('Begun', '1'), stored(content, '2', true))).toEqual({
        draft: { ...saved(content, '2'), is_internal: true },
        newer: null
      })
    }
    expect(mergeDraft(noDraft, stored('Begun', '1')).draft).toMatchObject({ content: 'Begun', version: '1', is_saved: true })
  })

  it('a saved copy of what was sent or emptied elsewhere goes; a note stays a note', () => {
    expect(mergeDraft(saved('Begun', '1'), null)).toEqual({ draft: saved('', null), newer: null })
    expect(mergeDraft({ ...saved('Begun', '1'), is_internal: true }, null).draft).toMatchObject({ content: '', is_internal: true })
  })

  it('what was typed since stays, and goes on from what is stored', () => {
    expect(mergeDraft(typed('Begun here', '1'), stored('Begun', '1'))).toEqual({ draft: typed('Begun here', '1'), newer: null })
    expect(mergeDraft(typed('Rewritten', '1'), stored('Begun', '1'))).toEqual({ draft: typed('Rewritten', '1'), newer: null })
    expect(mergeDraft(typed('', '1'), stored('Begun', '1'))).toEqual({ draft: typed('', '1'), newer: null })
  })

  it('what was typed stays when the stored one is gone, to be saved anew', () => {
    expect(mergeDraft(typed('Begun here', '1'), null)).toEqual({ draft: typed('Begun here', null), newer: null })
    expect(mergeDraft(typed('', '1'), null)).toEqual({ draft: saved('', null), newer: null })
  })

  it('one text that begins with the other is the longer one: a save whose answer was lost, or more from elsewhere', () => {
    expect(mergeDraft(typed('Begun here', null), stored('Begun', '1'))).toEqual({ draft: typed('Begun here', '1'), newer: null })
    expect(mergeDraft(typed('Begun', null), stored('Begun', '1'))).toEqual({ draft: saved('Begun', '1'), newer: null })
    expect(mergeDraft(typed('Begun', '1'), stored('Begun there', '2'))).toEqual({ draft: saved('Begun there', '2'), newer: null })
    expect(mergeDraft(typed('', '1'), stored('Begun there', '2'))).toEqual({ draft: saved('Begun there', '2'), newer: null })
  })

  it('two texts, or a reply and a note, are both kept', () => {
    const local = typed('Begun here', '1')
    for (const other of [stored('Begun there', '2'), stored('Begun', '2', true), stored('Begun here', '2', true)]) {
      expect(mergeDraft(local, other)).toEqual({ draft: local, newer: other })
    }
  })

  it('no text that was typed here is lost by any answer but one that holds it', () => {
    const texts = ['', 'A', 'A b', 'B', 'A b c']
    for (const content of texts) {
      for (const version of [null, '1', '2']) {
        for (const answer of [null, ...texts.slice(1).flatMap(text => [stored(text, '1'), stored(text, '2'), stored(text, '2', true)])]) {
          const { draft, newer } = mergeDraft(typed(content, version), answer)
          expect(draft.content.startsWith(content)).toBe(true)
          // What is stored is shown, continued, offered, or knowingly replaced by the one who had seen it.
          if (answer) expect(newer === answer || draft.content.startsWith(answer.content) || answer.version === version).toBe(true)
        }
      }
    }
  })
})

describe('what was typed while a reply was sent', () => {
  it.each([
    ['Hello', 'Hello', ''],
    ['Hello\n\nOne more', 'Hello', 'One more'],
    ['Hello ', 'Hello', ''],
    ['Hallo', 'Hello', 'Hallo'],
    ['', 'Hello', '']
  ])('%j after sending %j leaves %j', (content, sent, rest) => {
    expect(unsentPart(content, sent)).toBe(rest)
  })
})

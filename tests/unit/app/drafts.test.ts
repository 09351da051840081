import { computed, effectScope, reactive, readonly, ref, shallowRef, toValue, watch, type ComputedRef } from 'vue'
import { tryOnScopeDispose } from '@vueuse/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStorage } from '../../support/browser-storage.ts'

interface Fields {
  name: string
  tags: string[]
  password?: string
}
interface Draft {
  state: Fields
  note: { readonly value?: string }
  isEdited: ComputedRef<boolean>
  hasDraft: ComputedRef<boolean>
  restore(): void
  discard(): void
}
type UseDraft = (form: string | (() => string), saved: () => Fields, options?: { note?: () => string; isOpen?: () => boolean }) => Draft

const blank = (): Fields => ({ name: '', tags: [] })

describe('a draft of a form', () => {
  const profile = ref<{ id: string } | null>({ id: 'ann' })
  let useDraft: UseDraft
  let learnFromDate: typeof import('~/utils/app/server-time').learnFromDate
  let drafts: typeof import('~/utils/draft/drafts')
  let person: typeof import('~/utils/session/session-person')

  // Simulates a page reload: module state is empty, storage stays.
  const reload = async () => {
    vi.resetModules()
    drafts = await import('~/utils/draft/drafts')
    person = await import('~/utils/session/session-person')
    learnFromDate = (await import('~/utils/app/server-time')).learnFromDate
    for (const [name, value] of Object.entries({
      computed,
      reactive,
      readonly,
      ref,
      shallowRef,
      toValue,
      watch,
      tryOnScopeDispose,
      useTeam: () => ({ profile }),
      ...drafts
    }))
      vi.stubGlobal(name, value)
    useDraft = (await vi.importActual<{ useDraft: UseDraft }>('~/composables/draft/useDraft')).useDraft
  }
  const form = (...args: Parameters<UseDraft>) => effectScope().run(() => useDraft(...args))!

  beforeEach(async () => {
    vi.useFakeTimers()
    profile.value = { id: 'ann' }
    vi.stubGlobal('window', {})
    vi.stubGlobal('localStorage', createStorage())
    vi.stubGlobal('sessionStorage', createStorage())
    await reload()
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('a draft is stored at every keystroke, restored after a reload, and deleted when discarded or emptied', async () => {
    const first = form('1:view:new', blank)
    expect(first.isEdited.value).toBe(false)
    first.state.name = 'Mine'
    first.state.tags.push('vip')
    await reload()
    const second = form('1:view:new', blank)
    expect(second.state).toEqual({ name: 'Mine', tags: ['vip'] })
    expect(second.hasDraft.value).toBe(true)
    second.discard()
    expect(second.state).toEqual(blank())
    expect(localStorage).toHaveLength(0)
    second.state.name = 'x'
    second.state.name = ''
    expect(localStorage).toHaveLength(0)
  })

  it('a draft is hidden from another person', async () => {
    form('1:view:new', blank).state.name = 'Ann’s'
    profile.value = { id: 'bob' }
    expect(form('1:view:new', blank).state.name).toBe('')
    await reload()
    expect(form('1:view:new', blank).state.name).toBe('')
  })

  it('the text of an open form is kept when the session ends', async () => {
    const { state } = form('1:view:new', blank)
    state.name = 'Half'
    profile.value = null
    state.name = 'Half a sentence'
    person.keepUnfinished()
    await reload()
    profile.value = { id: 'ann' }
    expect(form('1:view:new', blank).state.name).toBe('Half a sentence')
  })

  it('a draft stores no password', () => {
    const { state } = form('1:api-key', () => ({ ...blank(), password: '' }))
    state.password = 'correct horse battery'
    expect(localStorage).toHaveLength(0)
    state.name = 'n8n'
    expect(JSON.stringify({ ...localStorage })).not.toContain('correct horse')
    expect(drafts.readDraft('ann:1:api-key')).toEqual({ fields: { name: 'n8n' } })
  })

  it('a draft updates unchanged fields when the saved record changes, and stores only the changed fields', () => {
    const saved = ref<Fields>({ name: 'Acme', tags: ['a'] })
    const { state, discard } = form('1:team', () => saved.value)
    state.name = 'Acme Ltd'
    saved.value = { name: 'Acme Inc', tags: ['b'] }
    expect(state).toEqual({ name: 'Acme Ltd', tags: ['b'] })
    expect(drafts.readDraft('ann:1:team')).toEqual({ fields: { name: 'Acme Ltd' } })
    saved.value = { name: 'Acme Ltd', tags: ['b'] }
    expect(localStorage).toHaveLength(0)
    discard()
    expect(state).toEqual({ name: 'Acme Ltd', tags: ['b'] })
  })

  it('a draft keeps an emptied field when the saved record loads after the form', async () => {
    form('1:canned-response:7', () => ({ name: 'Refund', tags: ['billing'] })).state.tags = []
    await reload()
    const saved = ref(blank())
    const { state } = form('1:canned-response:7', () => saved.value)
    saved.value = { name: 'Refund', tags: ['billing'] }
    expect(state).toEqual({ name: 'Refund', tags: [] })
    expect(drafts.readDraft('ann:1:canned-response:7')).toEqual({ fields: { tags: [] } })
  })

  it('a form that switches to another record switches to the draft of that record', () => {
    const id = ref('1')
    const saved = computed<Fields>(() => ({ name: `Ticket ${id.value}`, tags: [] }))
    const { state, note } = form(
      () => `1:subject:${id.value}`,
      () => saved.value,
      { note: () => `version of ${id.value}` }
    )
    state.name = 'Changed'
    expect(note.value).toBe('version of 1')
    id.value = '2'
    expect(state.name).toBe('Ticket 2')
    expect(note.value).toBeUndefined()
    state.name = 'Another'
    id.value = '1'
    expect(state.name).toBe('Changed')
    expect(note.value).toBe('version of 1')
    expect(drafts.draftKeys('ann:')).toEqual(['ann:1:subject:1', 'ann:1:subject:2'])
  })

  it('the form that was open when the session ended reopens once', async () => {
    const isOpen = ref(true)
    form('1:webhook:7', blank, { isOpen: () => isOpen.value }).state.name = 'CRM'
    form('1:webhook:new', blank, { isOpen: () => false }).state.name = 'Closed'
    form('1:new-ticket', blank, { isOpen: () => true })
    person.keepUnfinished()
    await reload()
    expect(drafts.isRememberedForm('ann:1:webhook:7')).toBe(true)
    expect(drafts.takeOpenForm('ann:1:new-ticket')).toBe(false)
    expect(drafts.takeOpenFormAfter('ann:1:webhook:')).toBe('7')
    expect(drafts.takeOpenFormAfter('ann:1:webhook:')).toBeNull()
  })

  it('the oldest drafts are evicted when the storage is full', () => {
    vi.stubGlobal('localStorage', createStorage(600_000))
    vi.setSystemTime('2026-11-28T12:00:00Z')
    drafts.writeDraft('ann:1:description:old', { text: 'o'.repeat(300_000) })
    vi.setSystemTime('2026-11-28T12:01:00Z')
    drafts.writeDraft('ann:1:description:older', { text: 'n'.repeat(290_000) })
    vi.setSystemTime('2026-11-28T12:02:00Z')
    drafts.writeDraft('ann:1:new-ticket', { text: 'new'.repeat(10_000) })
    expect(Object.keys(localStorage).sort()).toEqual(['draft:ann:1:description:older', 'draft:ann:1:new-ticket'])
    drafts.writeDraft('ann:1:huge', { text: 'h'.repeat(700_000) })
    expect(drafts.readDraft('ann:1:huge')).toEqual({ text: 'h'.repeat(700_000) }) // kept in memory
  })

  it('a draft is pruned after 30 days, once the server time is known', () => {
    vi.setSystemTime('2026-10-01T12:00:00Z')
    drafts.writeDraft('ann:1:new-ticket', { fields: { subject: 'Old' } })
    vi.setSystemTime('2026-11-28T12:00:00Z')
    drafts.writeDraft('ann:1:team', { fields: { name: 'New' } })
    drafts.pruneDrafts()
    expect(drafts.draftKeys('ann:'), 'server time unknown').toHaveLength(2)
    learnFromDate(new Date().toUTCString(), Date.now())
    drafts.pruneDrafts()
    expect(drafts.draftKeys('ann:')).toEqual(['ann:1:team'])
  })

  it('a draft is dated by the server time, and survives the correction of a fast clock', async () => {
    vi.setSystemTime('2027-11-28T12:00:00Z') // a year fast, by the server's Date
    learnFromDate('Sat, 28 Nov 2026 12:00:00 GMT', Date.now())
    vi.setSystemTime('2026-11-28T12:05:00Z') // corrected while the page is open
    drafts.writeDraft('ann:1:new-ticket', { fields: { subject: 'Just typed' } })
    await reload()
    learnFromDate('Sat, 28 Nov 2026 12:05:00 GMT', Date.now())
    drafts.pruneDrafts()
    expect(drafts.draftKeys('ann:')).toEqual(['ann:1:new-ticket'])
  })

  it('stored JSON of another shape is no draft', () => {
    for (const text of ['', 'text', '7', 'null', '{}', '{"at":"x","value":{}}', '{"at":1,"value":null}']) {
      localStorage.setItem('draft:ann:1:new-ticket', text)
      expect(drafts.readDraft('ann:1:new-ticket'), text).toBeNull()
    }
  })

  it('a draft is listed with its kind and text, for its own person only', () => {
    drafts.writeDraft('ann:reply:5', { content: 'Dear <@00000000-0000-0000-0000-000000000000>', is_internal: true })
    drafts.writeDraft('ann:1:new-ticket', { fields: { subject: 'Printer', description: 'On fire' } })
    drafts.writeDraft('bob:1:new-ticket', { fields: { subject: 'Bob’s' } })
    expect(drafts.listDrafts('ann').map(({ kind, text }) => [kind, text])).toEqual([
      ['Internal note', 'Dear @…'],
      ['New ticket', 'Printer\n\nOn fire']
    ])
    expect(drafts.listDrafts('')).toEqual([])
  })

  it('a draft is described by any name field, and by no text when the field was emptied', () => {
    drafts.writeDraft('ann:1:routing:7', { fields: { portal_name: 'Devices' } })
    drafts.writeDraft('ann:1:view:7', { fields: { name: '' } })
    expect(drafts.listDrafts('ann').map(({ kind, text }) => [kind, text])).toEqual([['Category', 'Devices']])
    drafts.writeDraft('bob:1:reply-files:7', { uploads: [{ name: 'a.txt' }, { name: 'b.png' }] })
    expect(drafts.listDrafts('bob').map(({ kind, text }) => [kind, text])).toEqual([['Files of a reply', 'a.txt\nb.png']])
    expect(drafts.draftKeys('ann:1:view:').map(drafts.describeDraft)).toEqual([{ key: 'ann:1:view:7', kind: 'Saved view', text: '' }])
  })
})

describe('a browser that several people use', () => {
  let drafts: typeof import('~/utils/draft/drafts')
  let person: typeof import('~/utils/session/session-person')

  beforeEach(async () => {
    vi.stubGlobal('window', {})
    vi.stubGlobal('localStorage', createStorage())
    vi.stubGlobal('sessionStorage', createStorage())
    vi.resetModules()
    drafts = await import('~/utils/draft/drafts')
    person = await import('~/utils/session/session-person')
    localStorage.setItem('nuxt-color-mode', 'dark')
    expect(person.claimBrowser('ann')).toBe(false)
    drafts.writeDraft('ann:1:new-ticket', { fields: { subject: 'Confidential' } })
    localStorage.setItem('recent-tickets:ann:1', '[{"subject":"Confidential"}]')
    localStorage.setItem('requests:ann', '{}')
    sessionStorage.setItem('bulk-operations', '[]')
  })
  afterEach(() => vi.unstubAllGlobals())

  const storedText = () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])

  it('a sign-out keeps only the colour mode', () => {
    person.releaseBrowser()
    person.forgetPerson()
    expect(person.hasSessionEnded()).toBe(false)
    expect({ ...localStorage }).toEqual({ 'nuxt-color-mode': 'dark' })
    expect(sessionStorage).toHaveLength(0)
    expect(drafts.readDraft('ann:1:new-ticket')).toBeNull()
  })

  it('an expired session keeps only drafts, request keys and the colour mode, and the same person gets them back', () => {
    person.keepUnfinished()
    expect(person.hasSessionEnded()).toBe(true)
    expect(Object.keys(localStorage).sort()).toEqual(['draft:ann:1:new-ticket', 'nuxt-color-mode', 'requests:ann', 'switchboard-person'])
    expect(person.claimBrowser('ann')).toBe(false)
    expect(drafts.readDraft('ann:1:new-ticket')).toEqual({ fields: { subject: 'Confidential' } })
  })

  it('the open form is remembered when the end of the session is reported twice', () => {
    drafts.noteOpenForm('ann:1:new-ticket', true)
    person.keepUnfinished()
    drafts.noteOpenForm('ann:1:new-ticket', false) // the page closes
    person.keepUnfinished()
    expect(drafts.takeOpenForm('ann:1:new-ticket')).toBe(true)
  })

  it('a guest draft of a public page is kept until another person signs in', () => {
    drafts.writeDraft('guest:rating:Acme:1', { fields: { comment: 'It took a week' } })
    expect(person.claimBrowser('ann')).toBe(false) // every page load and every token refresh claims the browser
    expect(drafts.readDraft('guest:rating:Acme:1')).toEqual({ fields: { comment: 'It took a week' } })
    person.keepUnfinished()
    person.claimBrowser('ann')
    expect(storedText()).toContain('It took a week')
    person.claimBrowser('bob')
    expect(storedText()).not.toContain('It took a week')
    expect(drafts.readDraft('guest:rating:Acme:1')).toBeNull()
    // Another tab claims the browser later and must clear its memory too.
    drafts.writeDraft('guest:rating:Acme:1', { fields: { comment: 'It took a week' } })
    person.claimBrowser('bob')
    expect(drafts.readDraft('guest:rating:Acme:1')).toBeNull()
  })

  it('the data of the previous person is cleared when another signs in, and the change is reported', () => {
    person.keepUnfinished()
    expect(person.claimBrowser('bob')).toBe(true)
    expect(person.isAnotherPerson()).toBe(true)
    expect(storedText()).not.toContain('Confidential')
    expect(storedText()).not.toContain('ann')
    expect(drafts.readDraft('ann:1:new-ticket')).toBeNull()
  })
})

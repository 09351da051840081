import { forgetDrafts, rememberOpenForms } from '../draft/drafts'
import { forgetRequestsOfOthers } from '../app/request-keys'

/** Storage keys that survive a sign-out: appearance only, no data. */
const appearanceKeys = /^(nuxt-color-mode|switchboard)/
/** Storage keys that also survive the end of a session: unsent and pending work, for the next sign-in. */
const unfinishedWorkKeys = /^(draft:|requests:|open-forms$|bulk-operations$)/
const personKey = 'switchboard-person'

// The person whose data is in the memory of this page.
let currentPerson: string | null = null
let hasPersonChanged = false

/**
 * Records that `person` is signed in and removes what others left in this browser. Returns whether the memory of this page holds
 * data of somebody else: the page must then be reloaded.
 */
export function claimBrowser(person: string): boolean {
  const isKnown = localStorage.getItem(personKey) === person
  if (!isKnown) {
    clear(key => appearanceKeys.test(key) || key.startsWith(`draft:${person}:`) || key === `requests:${person}`)
    localStorage.setItem(personKey, person)
  }
  hasPersonChanged ||= currentPerson !== null && currentPerson !== person
  currentPerson = person
  // Drafts of guests come from pages without a session, such as the rating page.
  forgetDrafts(isKnown && !hasPersonChanged ? [person, ''] : [person])
  forgetRequestsOfOthers(person)
  return hasPersonChanged
}

/** Whether somebody else signed in while this page held data of another person. */
export function isAnotherPerson(): boolean {
  return hasPersonChanged
}

/** Marks a deliberate sign-out, so that other tabs do not treat it as an expired session. */
export function releaseBrowser(): void {
  localStorage.removeItem(personKey)
}

/** Deletes everything of a person in this browser except the appearance. */
export function forgetPerson(): void {
  forgetDrafts()
  clear(key => appearanceKeys.test(key))
}

/** Deletes everything except unfinished work: the session ended, and somebody else may use this browser next. */
export function keepUnfinished(): void {
  rememberOpenForms()
  clear(key => appearanceKeys.test(key) || unfinishedWorkKeys.test(key))
}

/** Whether a session in this browser ended without a sign-out. */
export function hasSessionEnded(): boolean {
  return localStorage.getItem(personKey) !== null
}

/** The id of the person who signed in last and did not sign out; '' if there is none. */
export function lastPerson(): string {
  return localStorage.getItem(personKey) ?? ''
}

function clear(isKept: (key: string) => boolean): void {
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of Object.keys(storage).filter(key => !isKept(key))) storage.removeItem(key)
  }
}

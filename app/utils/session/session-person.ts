import { forgetDrafts, rememberOpenForms } from '../draft/drafts'
import { forgetRequestsOfOthers } from '../app/request-keys'

/** Kept in the browser when somebody signs out: how things look, nothing of what they held. */
const looks = /^(nuxt-color-mode|switchboard)/
/** Kept beside it when a session ends by itself: what its person typed and sent, for when they sign in again. */
const unfinished = /^(draft:|requests:|open-forms$|bulk-operations$)/
const personKey = 'switchboard-person'

// Whose data the memory of this page has held.
let present: string | null = null
let isAnother = false

/**
 * Notes that `person` is signed in now. What somebody else left in this browser is removed. Answers whether the memory
 * of this page has held somebody else's data: it has to be loaded anew then.
 */
export function claimBrowser(person: string): boolean {
  const isKnown = localStorage.getItem(personKey) === person
  if (!isKnown) {
    clear(key => looks.test(key) || key.startsWith(`draft:${person}:`) || key === `requests:${person}`)
    localStorage.setItem(personKey, person)
  }
  isAnother ||= present !== null && present !== person
  present = person
  // A page that needs no session, as that of a rating link, keeps what its reader types as a guest's.
  forgetDrafts(isKnown && !isAnother ? [person, ''] : [person])
  forgetRequestsOfOthers(person)
  return isAnother
}

/** Whether somebody else signed in while this page held another person's data. */
export function isAnotherPerson(): boolean {
  return isAnother
}

/** The person signs out: other tabs of this browser understand it so from now on. */
export function releaseBrowser(): void {
  localStorage.removeItem(personKey)
}

/** Forgets everything that a person left in this browser but how things look. */
export function forgetPerson(): void {
  forgetDrafts()
  clear(key => looks.test(key))
}

/** Keeps what was typed, and forgets the rest: the session ended, and nobody knows who sits here now. */
export function keepUnfinished(): void {
  rememberOpenForms()
  clear(key => looks.test(key) || unfinished.test(key))
}

/** Whether a session of this browser ended though nobody signed out. */
export function hasSessionEnded(): boolean {
  return localStorage.getItem(personKey) !== null
}

/** Who is, or was last, signed in at this browser and did not sign out; '' is nobody. */
export function lastPerson(): string {
  return localStorage.getItem(personKey) ?? ''
}

function clear(isKept: (key: string) => boolean): void {
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of Object.keys(storage).filter(key => !isKept(key))) storage.removeItem(key)
  }
}

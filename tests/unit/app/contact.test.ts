import { describe, expect, it } from 'vitest'
import type { Contact, Organization } from '#shared/types/api'
import {
  contactName,
  contactTicketsPath,
  languageName,
  localTime,
  mergeGains,
  otherOpenTickets,
  signedOutText
} from '~/utils/contact/contact'
import { byDomain, changedDetails, contactDetailsForm, contactFields, newContactForm, noChoice } from '~/utils/contact/contact-form'
import { contactAddress, contactApiQuery, isContactListNarrowed, parseContactId, parseContactQuery } from '~/utils/contact/contact-query'
import { searchOrganizations } from '~/utils/organization/organization'
import { organizationFields, organizationFormSchema } from '~/utils/organization/organization-form'

const id = '11111111-2222-4333-8444-555555555555'

function contact(fields: Partial<Contact> = {}): Contact {
  return {
    id,
    team_id: id,
    name: 'Helen Marsh',
    email: 'helen@marsh.example',
    addresses: [{ address: 'helen@marsh.example', is_primary: true, verified_at: null }],
    locale: null,
    time_zone: null,
    organization_id: null,
    organization_name: null,
    notes: null,
    blocked_at: null,
    has_account: false,
    open_tickets: 0,
    total_tickets: 0,
    created_at: '2026-11-01T10:00:00.000Z',
    updated_at: '2026-11-01T10:00:00.000Z',
    ...fields
  }
}

describe('showing a contact', () => {
  it('a contact is shown by their name, or else by their address', () => {
    expect(contactName(contact())).toBe('Helen Marsh')
    expect(contactName(contact({ name: null }))).toBe('helen@marsh.example')
    expect(contactName({ name: null, email: null })).toBe('without a name')
  })

  it('a language has its name, and no language is that of the team', () => {
    expect([null, 'en', 'de', 'fr'].map(languageName)).toEqual(['Team default', 'English', 'German', 'fr'])
  })

  it.each([
    ['the same day', '2026-11-03T12:05:00Z', 'Europe/Berlin', 'UTC', '13:05'],
    ['the next day', '2026-11-03T23:30:00Z', 'Asia/Tokyo', 'UTC', 'Wed 08:30'],
    ['the day before', '2026-11-03T02:00:00Z', 'America/New_York', 'Europe/Berlin', 'Mon 21:00']
  ])('the local time of %s names the day only if it is another one', (_, now, zone, here, expected) => {
    expect(localTime(zone, Date.parse(now), here)).toBe(expected)
  })

  it('a time zone that this browser does not know has no local time', () => {
    expect(localTime('Mars/Olympus', 0)).toBeNull()
  })

  it('the tickets of a contact are found by the primary address', () => {
    expect(contactTicketsPath('helen@marsh.example')).toEqual({ path: '/tickets', query: { q: 'requester:helen@marsh.example' } })
    expect(contactTicketsPath('helen@marsh.example', true).query.status).toEqual(['open', 'in_progress', 'waiting'])
  })

  it('the other open tickets leave out the shown one while it is open', () => {
    expect(otherOpenTickets(contact({ open_tickets: 3 }), true)).toBe(2)
    expect(otherOpenTickets(contact({ open_tickets: 3 }), false)).toBe(3)
    expect(otherOpenTickets(contact({ open_tickets: 0 }), true)).toBe(0)
  })

  it('a merge fills in what the contact lacks and the duplicate has', () => {
    const duplicate = contact({ name: 'H. Marsh', locale: 'de', time_zone: 'Europe/Berlin', organization_id: id })
    expect(mergeGains(contact({ time_zone: 'UTC' }), duplicate)).toEqual(['language', 'organization'])
    expect(mergeGains(duplicate, contact())).toEqual([])
  })
})

describe('the forms', () => {
  it('empty fields and "none" of a new contact become null, and the organization by the domain is left out', () => {
    const form = { email: ' Helen@Marsh.Example ', name: ' ', locale: noChoice, time_zone: noChoice, organization_id: byDomain, notes: '' }
    expect(newContactForm.parse(form)).toEqual({
      email: 'helen@marsh.example',
      name: null,
      locale: null,
      time_zone: null,
      organization_id: undefined,
      notes: null
    })
    expect(newContactForm.parse({ ...form, organization_id: noChoice }).organization_id).toBeNull()
    expect(newContactForm.parse({ ...form, organization_id: id }).organization_id).toBe(id)
  })

  it('the fields of a contact are parsed to the values that they show', () => {
    const shown = contact({ locale: 'de', time_zone: 'Europe/Berlin', organization_id: id, notes: 'VIP' })
    expect(contactDetailsForm.parse(contactFields(shown))).toEqual({
      name: 'Helen Marsh',
      locale: 'de',
      time_zone: 'Europe/Berlin',
      organization_id: id,
      notes: 'VIP'
    })
  })

  it('only changed details are sent', () => {
    expect(changedDetails({ name: 'Helen', notes: null }, { name: 'Helen', notes: 'VIP' })).toEqual({ notes: 'VIP' })
  })

  it('an organization has a name, and its empty fields become null', () => {
    expect(organizationFormSchema.safeParse(organizationFields()).error?.issues.map(({ message }) => message)).toEqual(['Name is required'])
    expect(organizationFormSchema.parse({ ...organizationFields(), name: 'Marsh Ltd', domains: ['Marsh.Example'] })).toEqual({
      name: 'Marsh Ltd',
      tier: null,
      domains: ['marsh.example'],
      notes: null,
      shares_tickets: false
    })
  })
})

describe('the list of contacts in the URL', () => {
  it('invalid values are ignored', () => {
    const empty = { q: '', organization_id: '', blocked: '', page: 1 }
    expect(parseContactQuery({})).toEqual(empty)
    expect(parseContactQuery({ q: ['a', 'b'], organization_id: 'x', blocked: 'no', page: '0' })).toEqual(empty)
    expect(parseContactId('x')).toBeNull()
    expect(parseContactId(id)).toBe(id)
  })

  it('the URL and the request have the search, the filters and the page', () => {
    const list = parseContactQuery({ q: ' helen ', organization_id: id, blocked: 'true', page: '2' })
    expect(contactAddress(list)).toEqual({ q: 'helen', organization_id: id, blocked: 'true', page: '2' })
    expect(contactApiQuery(list)).toEqual({ q: 'helen', organization_id: id, blocked: 'true', page: 2, page_size: 25 })
    expect(contactAddress(parseContactQuery({}))).toEqual({})
    expect(contactApiQuery(parseContactQuery({}))).toEqual({ page: 1, page_size: 25 })
  })

  it('a search or a filter narrows the list, a page does not', () => {
    expect(isContactListNarrowed(parseContactQuery({ page: '2' }))).toBe(false)
    expect(isContactListNarrowed(parseContactQuery({ q: 'helen' }))).toBe(true)
    expect(isContactListNarrowed(parseContactQuery({ blocked: 'true' }))).toBe(true)
  })
})

describe('searching organizations', () => {
  const rows = [
    { name: 'Marsh Ltd', domains: ['marsh.example'] },
    { name: 'Initech', domains: ['initech.example', 'tps.example'] }
  ] as Organization[]

  it.each([
    ['', ['Marsh Ltd', 'Initech']],
    ['MARSH', ['Marsh Ltd']],
    ['tps', ['Initech']],
    ['initech tps', ['Initech']],
    ['marsh tps', []]
  ])('"%s" finds the organizations with every word in the name or a domain', (text, expected) => {
    expect(searchOrganizations(rows, text).map(({ name }) => name)).toEqual(expected)
  })
})

it.each([
  [0, 0, 'Helen was signed out'],
  [1, 0, 'Helen was signed out: 1 ticket session ended'],
  [0, 2, 'Helen was signed out: 2 links ended'],
  [2, 1, 'Helen was signed out: 2 ticket sessions and 1 link ended']
])('signedOutText of %i sessions and %i links names only what ended', (ticket_sessions, ticket_links, text) => {
  expect(signedOutText('Helen', { ticket_sessions, ticket_links })).toBe(text)
})

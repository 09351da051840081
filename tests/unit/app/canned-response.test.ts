import { describe, expect, it } from 'vitest'
import type { CannedResponse } from '#shared/types/api'
import { cannedResponseSearch } from '~/utils/canned-response/canned-response'

const responses = [
  { title: 'Parcel is late', category: 'Orders', content: 'We are sorry that you have to wait.' },
  { title: 'Copy of an invoice', category: 'Billing', content: 'Attached. Your refund is separate.' },
  { title: 'Refund granted', category: 'Billing', content: 'The amount is on its way.' },
  { title: 'Größe und Umtausch', category: null, content: 'Sie können innerhalb von 30 Tagen umtauschen.' }
].map((fields, index) => ({ id: String(index), ...fields }) as CannedResponse)

const search = (query: string) => cannedResponseSearch(responses)(query).map(({ title }) => title)

describe('searching canned responses', () => {
  it('a blank query finds all canned responses', () => {
    expect(search('  ')).toHaveLength(4)
  })

  it('matches in the title rank before matches in category and content', () => {
    expect(search('refund')).toEqual(['Refund granted', 'Copy of an invoice'])
    expect(search('orders')).toEqual(['Parcel is late'])
    expect(search('wait')).toEqual(['Parcel is late'])
  })

  it('the search tolerates typos and any word order, and requires every word', () => {
    expect(search('invoce')).toEqual(['Copy of an invoice'])
    expect(search('late parcel')).toEqual(['Parcel is late'])
    expect(search('umtausch')).toEqual(['Größe und Umtausch'])
    expect(search('refund parcel')).toEqual([])
    expect(search('usr is full')).toEqual([])
  })
})

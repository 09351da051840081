import { describe, expect, it } from 'vitest'
import type { CannedResponse } from '#shared/types/api'
import { cannedResponseSearch } from '~/utils/canned-response/canned-response'

const responses = [
  { title: 'Parcel is late', category: 'Orders', content: 'We are sorry that you have to wait.' },
  { title: 'Copy of an invoice', category: 'Billing', content: 'Attached. Your refund is separate.' },
  { title: 'Refund granted', category: 'Billing', content: 'The amount is on its way.' },
  { title: 'Größe und Umtausch', category: null, content: 'Sie können innerhalb von 30 Tagen umtauschen.' }
].map((fields, index) => ({ id: String(index), ...fields }) as CannedResponse)

const found = (query: string) => cannedResponseSearch(responses)(query).map(({ title }) => title)

describe('searching canned responses', () => {
  it('finds all without a word', () => {
    expect(found('  ')).toHaveLength(4)
  })

  it('looks at the title first, then at category and content', () => {
    expect(found('refund')).toEqual(['Refund granted', 'Copy of an invoice'])
    expect(found('orders')).toEqual(['Parcel is late'])
    expect(found('wait')).toEqual(['Parcel is late'])
  })

  it('forgives spelling and order, and wants every word', () => {
    expect(found('invoce')).toEqual(['Copy of an invoice'])
    expect(found('late parcel')).toEqual(['Parcel is late'])
    expect(found('umtausch')).toEqual(['Größe und Umtausch'])
    expect(found('refund parcel')).toEqual([])
    expect(found('usr is full')).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { exportPath, parseListQuery } from '~/utils/ticket/ticket-query'

describe('the export of a list', () => {
  it('the address of an export has the filters and order of the list, and no page', () => {
    const list = parseListQuery({
      status: ['open', 'waiting'],
      q: 'a & b',
      tag: 'ü',
      page: '3',
      page_size: '50',
      sort: 'subject',
      order: 'asc'
    })
    expect(exportPath('acme', list)).toBe(
      '/api/teams/acme/export/tickets.csv?status=open&status=waiting&tag=%C3%BC&q=a+%26+b&sort=subject&order=asc'
    )
  })
})

import { describe, expect, it } from 'vitest'
import { buildTicketCopy, copyPress, type CopyPress } from '~/utils/ticket/ticket-copy'

const presses = (...presses: [ticketId: string, at: number][]) =>
  presses.reduce<CopyPress | null>((last, [id, at]) => copyPress(last, id, at), null)!.count

describe('key presses that copy a ticket', () => {
  it('presses add up within 600 milliseconds of one another', () => {
    expect(presses(['a', 0])).toBe(1)
    expect(presses(['a', 0], ['a', 600])).toBe(2)
    expect(presses(['a', 0], ['a', 600], ['a', 1_200])).toBe(3)
    expect(presses(['a', 0], ['a', 601])).toBe(1)
  })

  it('presses are counted up to three', () => {
    expect(presses(['a', 0], ['a', 100], ['a', 200], ['a', 300])).toBe(3)
  })

  it('the count restarts at 1 with another ticket', () => {
    expect(presses(['a', 0], ['b', 100])).toBe(1)
    expect(presses(['a', 0], ['b', 100], ['a', 200], ['a', 300])).toBe(2)
  })
})

describe('the copied text', () => {
  it.each([
    [1, '#007', '#007 was copied'],
    [2, "#007 The printer's on fire", '#007 and its title were copied'],
    [3, "#007 The printer's on fire https://desk.test/tickets?ticket=7", '#007, its title and its address were copied']
  ])('the copied text after %i presses is "%s"', (count, text, message) => {
    expect(buildTicketCopy({ ticket_number: 7, subject: "The printer's on fire" }, count, 'https://desk.test')).toEqual({ text, message })
  })
})

import { describe, expect, it } from 'vitest'
import { searchSuggestions } from '~/utils/ticket/search-suggestions'

const names = {
  members: [{ full_name: 'Ann Arbor' }, { full_name: 'Bob Byrd' }],
  categories: [{ name: 'Bug' }, { name: 'Feature request' }]
}

/** The texts after each suggestion was accepted; "|" is the cursor. */
function acceptedTexts(typed: string): string[] {
  const cursor = typed.indexOf('|')
  const text = typed.replace('|', '')
  return searchSuggestions(text, cursor, names).map(({ text: inserted, from, to }) => text.slice(0, from) + inserted + text.slice(to))
}

describe('suggestions of the search box', () => {
  it.each<[string, string[]]>([
    ['st|', ['status:']],
    ['vpn A|', ['vpn assignee:', 'vpn agent:', 'vpn author:', 'vpn after:']],
    ['-ta|', ['-tag:']],
    ['vpn |', []],
    ['xyz|', []],
    ['status:|', ['status:open ', 'status:in_progress ', 'status:waiting ', 'status:resolved ', 'status:closed ']],
    ['status:in|', ['status:in_progress ']],
    ['status:open,wa|', ['status:open,waiting ']],
    ['status:open|', []],
    ['sev:|', ['sev:1 ', 'sev:2 ', 'sev:3 ', 'sev:4 ', 'sev:5 ']],
    ['assignee:by|', ['assignee:"Bob Byrd" ']],
    ['assignee:"ann a|', ['assignee:"Ann Arbor" ']],
    ['assignee:m|', ['assignee:me ']],
    ['category:req| vpn', ['category:"Feature request"  vpn']],
    ['category:bu|', ['category:Bug ']],
    ['before:|', []],
    ['constructor:|', []],
    ['"a phrase st|', []]
  ])('suggestions complete "%s"', (typed, expected) => {
    expect(acceptedTexts(typed)).toEqual(expected)
  })

  it('an empty search box suggests every operator', () => {
    expect(acceptedTexts('|')).toHaveLength(22)
  })
})

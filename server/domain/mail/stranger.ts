import { mailTexts } from '#shared/texts/mail'
import type { Block, Draft, Letter } from './letter'

// A domain has letters behind its dot, in any script and with any Unicode full stop.
const scheme = /\b[a-z][a-z0-9+.-]{1,20}:\/\/+/gi
const shortScheme = /\b(mailto|tel|sms|callto|javascript|data|geo|skype|whatsapp):/gi
const dotOfDomain = /(?<=[\p{L}\p{N}])[.\u3002\uFF0E\uFF61](?=\p{L}{2,})/gu

/** Changes URLs so that no mail client makes a link of them: `https://shop.test/a` becomes `shop[.]test/a`. */
export function withoutLinks(text: string): string {
  return text.replace(scheme, '').replace(shortScheme, '$1 ').replace(dotOfDomain, '[.]')
}

/**
 * Restricts a letter of a new team to somebody who never answered it: no text of people in the subject and the sender's name, no links
 * but ours, and messages as plain text.
 */
export function forStranger(draft: Draft, topic: string): Draft {
  return { ...draft, topic, fromName: null, letter: plainLetter(draft.letter) }
}

function plainLetter(letter: Letter): Letter {
  const plain: Letter = {
    ...letter,
    preview: withoutLinks(letter.preview),
    from: withoutLinks(letter.from),
    footer: withoutLinks(letter.footer),
    blocks: letter.blocks.map(plainBlock)
  }
  return JSON.stringify(plain).includes('[.]')
    ? { ...plain, footer: `${plain.footer} ${mailTexts(letter.locale ?? null)('footer.addresses')}` }
    : plain
}

function plainBlock(block: Block): Block {
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
      return { ...block, text: withoutLinks(block.text) }
    case 'message':
      return {
        ...block,
        author: withoutLinks(block.author),
        source: withoutLinks(block.source),
        format: 'text',
        people: block.people.map(person => ({ ...person, full_name: withoutLinks(person.full_name) }))
      }
    case 'facts':
      return { ...block, facts: block.facts.map(([name, value]) => [name, withoutLinks(value)]) }
    default:
      return block
  }
}

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'vue/compiler-sfc'

/** Pages and components that clients see. Their sentences come from shared/texts. */
const files = ['app/pages/rate/[token].vue', 'app/components/rating/RatingStars.vue', 'app/layouts/client.vue']

// Attributes that people read or hear.
const readable = new Set(['label', 'title', 'hint', 'description', 'placeholder', 'alt', 'help', 'aria-label', 'reason', 'failure', 'text'])

interface TemplateNode {
  type: number
  content?: string | TemplateNode
  props?: { type: number; name: string; value?: { content: string }; arg?: { content: string }; exp?: { content: string } }[]
  children?: TemplateNode[]
}

/** Words of a template that do not come from an expression: texts, attributes, and strings with a space in expressions. */
function literalWords(node: TemplateNode): string[] {
  const text = node.type === 2 && typeof node.content === 'string' && /\p{L}{2}/u.test(node.content) ? [node.content.trim()] : []
  const attributes = (node.props ?? []).flatMap(({ name, value, arg, exp }) => {
    if (value) return readable.has(name) && /\p{L}/u.test(value.content) ? [`${name}="${value.content}"`] : []
    return arg && readable.has(arg.content) ? sentencesIn(exp?.content ?? '') : []
  })
  const expression = node.type === 5 ? sentencesIn((node.content as TemplateNode).content as string) : []
  return [...text, ...attributes, ...expression, ...(node.children ?? []).flatMap(literalWords)]
}

/** Strings of an expression that look like a sentence rather than a key. */
function sentencesIn(expression: string): string[] {
  return Array.from(expression.matchAll(/'([^']*)'|"([^"]*)"|`([^`]*)`/g), match => match[1] ?? match[2] ?? match[3]!).filter(text =>
    /\p{L}{2}\s|\s\p{L}{2}|^\p{Lu}/u.test(text.replace(/\$\{[^}]*\}/g, ''))
  )
}

describe('pages that clients see', () => {
  test.each(files)('%s has no sentence outside of the catalogue', file => {
    const { descriptor } = parse(readFileSync(file, 'utf8'))
    expect(literalWords(descriptor.template!.ast as unknown as TemplateNode)).toEqual([])
  })

  test('a sentence in a template is found', () => {
    const { descriptor } = parse(
      '<template><p title="Hello you">Some words {{ x ? \'Thank you\' : t(\'thanks\') }}<b :label="`${n} of 5`" class="a b" :hint="t(\'x\')" /></p></template>'
    )
    expect(literalWords(descriptor.template!.ast as unknown as TemplateNode)).toEqual([
      'title="Hello you"',
      'Some words',
      'Thank you',
      '${n} of 5'
    ])
  })
})

import { insertBlock, insertLink, toggleCode, toggleLines, toggleMark, type TextEdit, type TextRange } from './article-text'

/** Something that the toolbar or the "/" menu puts into a text. */
export interface ArticleBlock {
  id: string
  label: string
  icon: string
  /** Further search words of the "/" menu. */
  keywords: string
  /** A shortcut of the text field, in the syntax of `defineShortcuts`. */
  shortcut?: string
  /** `picture`: it lets people choose pictures first. */
  edit: ((value: string, range: TextRange) => TextEdit) | 'picture'
}

const table = '| Column | Column |\n| --- | --- |\n| Text | Text |'

export const articleMarks: ArticleBlock[] = [
  {
    id: 'bold',
    label: 'Bold',
    icon: 'i-lucide-bold',
    keywords: '',
    shortcut: 'meta_b',
    edit: (value, range) => toggleMark(value, range, '**')
  },
  {
    id: 'italic',
    label: 'Italic',
    icon: 'i-lucide-italic',
    keywords: '',
    shortcut: 'meta_i',
    edit: (value, range) => toggleMark(value, range, '*')
  }
]

export const articleBlocks: ArticleBlock[] = [
  { id: 'heading', label: 'Heading', icon: 'i-lucide-heading-2', keywords: 'title section h2', edit: lines('heading') },
  { id: 'subheading', label: 'Subheading', icon: 'i-lucide-heading-3', keywords: 'title section h3', edit: lines('subheading') },
  { id: 'bullets', label: 'Bulleted list', icon: 'i-lucide-list', keywords: 'ul items points', edit: lines('bullets') },
  { id: 'numbers', label: 'Numbered list', icon: 'i-lucide-list-ordered', keywords: 'ol steps items', edit: lines('numbers') },
  { id: 'quote', label: 'Quote', icon: 'i-lucide-text-quote', keywords: 'blockquote note', edit: lines('quote') },
  { id: 'code', label: 'Code', icon: 'i-lucide-code', keywords: 'command fence block', edit: toggleCode },
  { id: 'link', label: 'Link', icon: 'i-lucide-link', keywords: 'url address', edit: insertLink },
  { id: 'picture', label: 'Picture', icon: 'i-lucide-image', keywords: 'image screenshot photo upload', edit: 'picture' },
  {
    id: 'table',
    label: 'Table',
    icon: 'i-lucide-table',
    keywords: 'columns rows grid',
    edit: (value, range) => insertBlock(value, range, table, { start: 2, end: 8 })
  },
  {
    id: 'divider',
    label: 'Divider',
    icon: 'i-lucide-minus',
    keywords: 'line rule hr',
    edit: (value, range) => insertBlock(value, range, '---')
  }
]

/** The blocks whose label or keywords contain all words of `query`, at the beginning of a word. */
export function searchBlocks(query: string): ArticleBlock[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return articleBlocks.filter(({ label, keywords }) => {
    const texts = `${label} ${keywords}`.toLowerCase().split(' ')
    return words.every(word => texts.some(text => text.startsWith(word)))
  })
}

function lines(block: Parameters<typeof toggleLines>[2]): ArticleBlock['edit'] {
  return (value, range) => toggleLines(value, range, block)
}

// The package has no types. These are the parts that html.ts uses.
declare module 'html-to-text' {
  interface Element {
    children: Element[]
  }
  interface Builder {
    addLiteral(text: string): void
  }
  type Walk = (children: Element[], builder: Builder) => void
  interface Options {
    wordwrap?: number | false
    limits?: { maxDepth?: number; ellipsis?: string }
    selectors?: { selector: string; format?: string; options?: Record<string, unknown> }[]
    formatters?: Record<string, (element: Element, walk: Walk, builder: Builder) => void>
  }
  export function compile(options?: Options): (html: string) => string
}

/** How to display a description or reply: exactly as written, or as Markdown. */
export const textFormats = ['text', 'markdown'] as const

export type TextFormat = (typeof textFormats)[number]

/** How a description or reply is to be read: exactly as written, or as Markdown. */
export const textFormats = ['text', 'markdown'] as const

export type TextFormat = (typeof textFormats)[number]

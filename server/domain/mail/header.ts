// Joiners and variation selectors between the characters that they join or style. Elsewhere they are dropped as invisible.
const joiner = /(?<=[\p{L}\p{M}\p{Extended_Pictographic}\uFE0F])[\u200C\u200D](?=[\p{L}\p{Extended_Pictographic}])|(?<=[\p{Emoji}])\uFE0F/gu
// Bidi controls, zero-width and other characters without a glyph: soft hyphens, tags, fillers, interlinear marks.
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\uFFF9-\uFFFB]/gu

/**
 * Makes text of people safe for a header, or for one of our sentences: one line without control characters, bidi controls and invisible
 * characters. Empty when nothing visible is left.
 */
export function oneLine(text: string, max = Infinity): string {
  const kept = new Set([...text.matchAll(joiner)].map(({ index }) => index))
  const plain = text
    .toWellFormed()
    .replace(invisible, (character, index: number) => (kept.has(index) ? character : ''))
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s\u2800]+/gu, ' ')
    .trim()
  const characters = [...plain]
  return characters.length > max ? characters.slice(0, max).join('') : plain
}

/** A display name for a From header. Removes what looks like an address, which readers would take for the sender's. */
export function displayName(text: string, max: number): string {
  return oneLine(text.replace(/[<>"]/g, ' ').replaceAll('@', ' at '), max)
}

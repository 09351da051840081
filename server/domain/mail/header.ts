// What joins or styles the character before it: kept there, dropped where it stands alone.
const joiner = /(?<=[\p{L}\p{M}\p{Extended_Pictographic}\uFE0F])[\u200C\u200D](?=[\p{L}\p{Extended_Pictographic}])|(?<=[\p{Emoji}])\uFE0F/gu
// Bidi controls, zero-width and other characters without a glyph: soft hyphens, tags, fillers, interlinear marks.
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\uFFF9-\uFFFB]/gu

/**
 * People's words on one line of a mail: in a header, or inside a sentence of ours. Without line breaks and control
 * characters, and without what turns the direction of the line or has no glyph. Empty where nothing visible is left.
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

/** A display name before an address: a name that looks like an address, or holds one, shows what is not the sender. */
export function displayName(text: string, max: number): string {
  return oneLine(text.replace(/[<>"]/g, ' ').replaceAll('@', ' at '), max)
}

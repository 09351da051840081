// Scripts without spaces between words.
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu
const maxWords = 40

/**
 * The distinct words of a text by which articles are searched, at most 40. Of scripts without spaces, every two neighbouring characters: a
 * whole sentence of them would be one word that no article has.
 */
export function wordsOfQuestion(text: string): string[] {
  const words = text
    .replace(unspaced, run => ` ${pairs(run).join(' ')} `)
    .toLowerCase()
    .match(/[\p{L}\p{N}\p{M}]+/gu)
  return [...new Set(words)].slice(0, maxWords)
}

function pairs(run: string): string[] {
  const characters = [...run.matchAll(/\P{M}\p{M}*/gu)].map(([character]) => character)
  return characters.length < 2 ? characters : characters.slice(1).map((character, index) => characters[index]! + character)
}

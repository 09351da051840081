import { mentionTokens } from '#shared/utils/mentions'
import { commonWords, nameParticles } from './common-words'

// Removes who is meant from a text that becomes an article. It rather removes too much than too little: an editor reads the draft before
// anybody else does, and sees a marker where something is missing.

/** Those whom a text may name. `addresses`: their mail addresses, whose parts may be names, too. */
export interface KnownPeople {
  names: readonly string[]
  addresses: readonly string[]
}

const nameMark = '[name]'
const addressMark = '[address]'
const phoneMark = '[phone number]'
const idMark = ':id'

/**
 * Replaces names, mail addresses, phone numbers and ids in links by markers.
 *
 * - A name is removed whole, and each of its parts as a word of its own, whatever its case. Names with cases (Cyrillic, Greek) are removed
 *   in inflected forms; in scripts without spaces also within a word.
 * - A part that is also a common word ("Will", "Mark") is removed where a name can stand: capitalised and after a greeting or a title,
 *   inside a sentence, before an apostrophe, or alone on a line.
 * - In a link, the query and the account are removed, and each part of the path that looks like an id.
 */
export function anonymise(source: string, people: KnownPeople): string {
  const text = withoutMentions(source.normalize('NFC'))
  const names = nameRules(people)
  let result = ''
  let done = 0
  for (const { index, 0: url } of text.matchAll(urls)) {
    result += anonymiseProse(text.slice(done, index), names, result) + anonymiseUrl(url, names)
    done = index + url.length
  }
  return result + anonymiseProse(text.slice(done), names, result)
}

/** The same, for an answer to one person that becomes an article: also without its greeting, its closing and quoted messages. */
export function anonymiseReply(source: string, people: KnownPeople): string {
  return withoutLetterForm(anonymise(withoutQuotes(source), people)).trim()
}

/** Without the lines that quote another message. */
export function withoutQuotes(text: string): string {
  return text
    .split('\n')
    .filter(line => !/^\s{0,3}>/.test(line))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
}

const urls = /\bhttps?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]/giu
const mailAddress = /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}](?:[\p{L}\p{N}._%+'-]*[\p{L}\p{N}_+-])?@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/giu
// An international number, one that begins with 0 or a bracket, or the American form. Dates are left alone.
const phone =
  /(?<![\p{L}\p{N}.,:/-])(?:\+\d[\d\s()./-]{5,20}\d|(?:\(0?\d{1,5}\)|0\d{1,5})[\s./-]{0,3}\d[\d\s./-]{3,16}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\p{L}\p{N}])/gu
const date = /^\d{1,4}([./-])\d{1,2}\1\d{1,4}$/

function withoutMentions(text: string): string {
  return [...mentionTokens(text)].reverse().reduce((rest, { start, end }) => rest.slice(0, start) + nameMark + rest.slice(end), text)
}

function anonymiseProse(text: string, names: NameRules, before: string): string {
  const plain = text.replace(mailAddress, addressMark).replace(phone, found => (isPhone(found) ? phoneMark : found))
  return replaceNames(plain, names, before)
}

function isPhone(text: string): boolean {
  const digits = text.replace(/\D/g, '').length
  return digits >= 6 && digits <= 15 && !date.test(text)
}

function anonymiseUrl(source: string, names: NameRules): string {
  const url = URL.parse(source)
  if (!url) return addressMark
  const path = url.pathname
    .split('/')
    .map(part => (isId(decode(part)) || replaceNames(decode(part), names) !== decode(part) ? idMark : part))
    .join('/')
  const anchor = url.hash && !isId(decode(url.hash.slice(1))) && replaceNames(decode(url.hash), names) === decode(url.hash) ? url.hash : ''
  const result = `${url.protocol}//${url.host}${path}${anchor}`
  return path === '/' && !/^https?:\/\/[^/?#]+\//i.test(source) ? result.replace(/\/(?=#|$)/, '') : result
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (error) {
    if (error instanceof URIError) return part
    throw error
  }
}

// Three digits in a row, an address, or a long word that mixes letters and digits.
function isId(part: string): boolean {
  return /\d{3}|@/.test(part) || (part.length >= 8 && /\d/.test(part) && !/[-_.]/.test(part)) || (part.length >= 20 && !/[-_.]/.test(part))
}

interface NameRules {
  /** Removed wherever they stand. */
  plain: RegExp[]
  /** Common words, removed where a name can stand. */
  common: RegExp | null
}

const scripts = {
  dense: /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}ー・]+$/u,
  inflected: /^[\p{Script=Cyrillic}\p{Script=Greek}\p{M}]+$/u,
  prefixed: /^[\p{Script=Arabic}\p{Script=Hebrew}\p{M}]+$/u
}
const notInWord = String.raw`(?<![\p{L}\p{N}_])`
const endsWord = String.raw`(?![\p{L}\p{N}_])`
const honorific = String.raw`[\s]?(?:様|さま|さん|くん|君|ちゃん|氏|先生|女士|小姐|同学|님|씨|군|양)`
const localPartWords = /^[\p{L}]{3,}$/u

function nameRules({ names, addresses }: KnownPeople): NameRules {
  const whole = new Set(names.map(name => name.normalize('NFC').trim().replace(/\s+/g, ' ')).filter(Boolean))
  const parts = new Set<string>()
  for (const name of whole) for (const part of name.split(/[\s,;/()"“”]+/)) parts.add(part.replace(/^[^\p{L}]+|[^\p{L}\p{M}]+$/gu, ''))
  for (const part of [...parts]) if (part.includes('-')) for (const half of part.split('-')) parts.add(half)
  for (const address of addresses) for (const part of address.split('@')[0]!.split(/[._+-]/)) if (localPartWords.test(part)) parts.add(part)

  const plain: string[] = [...whole].filter(name => /\s/.test(name)).flatMap(wholeRules)
  const common: string[] = []
  for (const part of parts) {
    const isAlone = [...part].length < 2 || nameParticles.has(part.toLowerCase())
    if (isAlone) continue
    if (commonWords.has(part.toLowerCase())) common.push(...spellings(part).map(capitalPattern))
    else plain.push(...rulesOf(part))
  }
  return {
    plain: plain.map(source => new RegExp(source, 'giu')),
    common: common.length > 0 ? new RegExp(`${notInWord}(?:${common.join('|')})${endsWord}`, 'gu') : null
  }
}

// Also with the family name first.
function wholeRules(name: string): string[] {
  const words = name.split(' ').map(escape)
  return [words.join(String.raw`\s+`), words.toReversed().join(String.raw`,?\s+`)].map(rule => notInWord + rule + endsWord)
}

function rulesOf(part: string): string[] {
  if (scripts.dense.test(part)) return denseRules(part)
  if (scripts.prefixed.test(part)) return [String.raw`(?<=${notInWord}[وفبلكשהולבכמ]{0,2})${escape(part)}${endsWord}`]
  if (scripts.inflected.test(part) && part.length >= 3) {
    const stem = part.replace(/[аеёиоуыэюяйьаειουηωάέίόύήώς]$/iu, '')
    return [String.raw`${notInWord}${escape(stem.length >= 3 ? stem : part)}\p{L}{0,3}${endsWord}`]
  }
  return spellings(part).map(spelling => String.raw`${notInWord}${escape(spelling)}s?${endsWord}`)
}

// Without spaces, a text may have the family name or the given name alone, before a title.
function denseRules(part: string): string[] {
  const letters = [...part]
  const pieces = letters.length > 4 ? [] : letters.slice(1).flatMap((_, index) => [letters.slice(0, index + 1), letters.slice(index + 1)])
  return [escape(part), ...pieces.map(piece => escape(piece.join('')) + `(?=${honorific})`)]
}

// With and without marks: people write José as Jose, and Müller as Mueller.
function spellings(part: string): string[] {
  const bare = part.normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC')
  const spelledOut = part
    .replace(/[äöüÄÖÜ]/g, letter => ({ ä: 'ae', ö: 'oe', ü: 'ue', Ä: 'Ae', Ö: 'Oe', Ü: 'Ue' })[letter]!)
    .replace(/ß/g, 'ss')
  return [...new Set([part, bare, spelledOut])]
}

function capitalPattern(part: string): string {
  const [first = '', ...rest] = part
  return `${escape(first.toUpperCase())}(?:${escape(rest.join('').toLowerCase())}|${escape(rest.join('').toUpperCase())})`
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

const greeting =
  /(?:^|[^\p{L}])(?:hi|hello|hey|dear|thanks|thank you|cheers|regards|wishes|mr|mrs|ms|dr|mister|miss|hallo|moin|liebe|lieber|guten tag|herr|herrn|frau|grüße|gruß|danke|спасибо|здравствуйте|привет|bonjour|merci|hola)[.,!]?[ \t]+$/iu

function replaceNames(text: string, { plain, common }: NameRules, before = ''): string {
  let result = plain.reduce((rest, rule) => rest.replace(rule, nameMark), text)
  if (common)
    result = result.replace(common, (found, ...rest) => {
      const [offset, whole] = rest.slice(-2) as [number, string]
      return isNamePlace(before + whole.slice(0, offset), whole.slice(offset + found.length)) ? nameMark : found
    })
  return result.replace(/\[name\](?:[ -]\[name\])+/g, nameMark)
}

/** Whether a capitalised common word between these texts is rather a name. */
function isNamePlace(before: string, after: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1)
  const rest = after.split('\n', 1)[0]!
  if (/^['’]s(?!\p{L})/u.test(rest) || before.endsWith(`${nameMark} `) || rest.startsWith(` ${nameMark}`)) return true
  if (greeting.test(line)) return true
  if (line.trim() === '') return /^\s*[,!]?\s*$/.test(rest) || /^,\s/.test(rest)
  // Inside a sentence: not at its start, and not at the start of what is quoted, emphasised or linked.
  return /[\p{Ll}\p{Lo}\d,;)][ \t]+$/u.test(line)
}

const opening =
  /^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|hallo|liebe[rs]?|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|moin|bonjour|hola|здравствуйте|привет|добрый день)(?![\p{L}])[^.?!:]{0,60}[,.!]?$/iu
const closing =
  /^(?:(?:best|kind|warm|many|with (?:best|kind))\s+)?(?:regards|wishes|thanks|greetings|cheers|sincerely|yours \w+|best)[,.!]?$|^(?:mit |viele |beste |liebe |freundliche |schöne )?(?:freundlichen |besten |herzlichen )?(?:grüße|grüßen|gruß|lg|mfg|vg)(?:\s.{0,30})?[,.!]?$/iu

function withoutLetterForm(text: string): string {
  const lines = text.trim().split('\n')
  if (opening.test(lines[0]!.trim()) || lines[0]!.trim() === `${nameMark},`) lines.shift()
  const end = lines.findLastIndex(line => closing.test(line.trim()))
  const isSignature =
    end > 0 && lines.slice(end + 1).filter(line => line.trim()).length <= 5 && lines.slice(end + 1).every(line => line.length <= 80)
  return lines.slice(0, isSignature ? end : undefined).join('\n')
}

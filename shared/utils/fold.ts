/**
 * How letters are folded for search: one table for private.search_text() (scripts/search-fold.ts writes its SQL) and for
 * highlighting matches. It is applied to text that is decomposed (NFKD), lower-cased and stripped of `ignoredMarks`, so it lists
 * only letters that Unicode does not decompose.
 */
export interface FoldGroup {
  /** Describes the group in the generated SQL, which applies a group only to texts that contain one of its letters. */
  name: string
  /** Each letter of a value is folded to its key. */
  letters: Record<string, string>
}

/** Marks and invisible characters that search ignores, as inclusive ranges of code points. */
export const ignoredMarks: readonly (readonly [from: number, to: number])[] = [
  [0xad, 0xad],
  [0x300, 0x36f],
  [0x483, 0x487],
  [0x591, 0x5bd],
  [0x5bf, 0x5bf],
  [0x5c1, 0x5c2],
  [0x5c4, 0x5c5],
  [0x5c7, 0x5c7],
  [0x610, 0x61a],
  [0x61c, 0x61c],
  [0x640, 0x640],
  [0x64b, 0x65f],
  [0x670, 0x670],
  [0x6d6, 0x6dc],
  [0x6df, 0x6e4],
  [0x6e7, 0x6e8],
  [0x6ea, 0x6ed],
  [0x70f, 0x70f],
  [0x711, 0x711],
  [0x730, 0x74a],
  [0x7eb, 0x7f3],
  [0x8ca, 0x8e1],
  [0x8e3, 0x8ff],
  // The nukta: people type क़ for क, ड़ for ड, য় for য, and the other way round.
  [0x93c, 0x93c],
  [0x9bc, 0x9bc],
  [0xa3c, 0xa3c],
  [0xabc, 0xabc],
  [0xb3c, 0xb3c],
  [0xc3c, 0xc3c],
  [0xcbc, 0xcbc],
  [0x1ab0, 0x1ace],
  [0x1dc0, 0x1dff],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x206f],
  [0x20d0, 0x20f0],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
  [0xfeff, 0xfeff]
]

/** The zero of each script; the digits 1 to 9 follow it. */
export const zeros: readonly number[] = [
  0x660,
  0x6f0,
  0x966,
  0x9e6,
  0xa66,
  0xae6,
  0xb66,
  0xbe6,
  0xc66,
  0xce6,
  0xd66,
  0xe50,
  0xed0,
  0xf20,
  0x1040,
  0x17e0,
  0x1810, // the last one in wide use (commonZeros)
  0x7c0,
  0xde6,
  0x1090,
  0x1946,
  0x19d0,
  0x1a80,
  0x1a90,
  0x1b50,
  0x1bb0,
  0x1c40,
  0x1c50,
  0xa620,
  0xa8d0,
  0xa900,
  0xa9d0,
  0xa9f0,
  0xaa50,
  0xabf0,
  0x104a0,
  0x10d30,
  0x10d40,
  0x11066,
  0x110f0,
  0x11136,
  0x111d0,
  0x112f0,
  0x11450,
  0x114d0,
  0x11650,
  0x116c0,
  0x116d0,
  0x116da,
  0x11730,
  0x118e0,
  0x11950,
  0x11bf0,
  0x11c50,
  0x11d50,
  0x11da0,
  0x11de0,
  0x11f50,
  0x16130,
  0x16a60,
  0x16ac0,
  0x16b50,
  0x16d70,
  0x1e140,
  0x1e2f0,
  0x1e4f0,
  0x1e5f1,
  0x1e950
]
const commonZeros = 17

const latin: FoldGroup = {
  name: 'Latin',
  letters: { o: 'ø', l: 'ł', d: 'đð', i: 'ı', h: 'ħ', n: 'ŋ', t: 'ŧ', k: 'ĸ', e: 'ə', ae: 'æ', oe: 'œ', ss: 'ß', th: 'þ' }
}

const rareLatin: FoldGroup = {
  name: 'Latin, extended',
  letters: {
    a: 'ɐɑɒᴀᶏᶐⱥꬰ',
    b: 'ƀƃƅɓʙᴃᵬᶀꞗ',
    c: 'ƈȼɕᴄↄꜿꞓꞔ',
    d: 'ƌȡɖɗᴅᵭᶁᶑꝺꟈ',
    e: 'ǝɇɘɚɛɜɝɞʚᴇᴈᶒᶓᶔᶕⱸⱻꬳꬴ',
    f: 'ƒᵮᶂꜰꝼꞙ',
    g: 'ǥɠɡɢɣʛᵷᵹᶃꞡꟑꬶ',
    h: 'ɥɦʜʮʯⱨꞕ',
    i: 'ɨɩɪᴉᵼᶖ',
    j: 'ȷɉɟʄʝᴊ',
    k: 'ƙʞᴋᶄⱪꝁꝃꝅꞣ',
    l: 'ƚȴɫɬɭʟᴌᶅⱡꝉꞁꞎꬷꬸꬹ',
    m: 'ɯɰɱᴍᵯᶆꟺꬺ',
    n: 'ƞȵɲɳɴᴎᵰᶇꞑꞥꬻꬼ',
    o: 'ɔɤɵᴏᴑᴒᴓᶗⱺꝋꝍꬿ',
    p: 'ƥᴘᵱᵽᶈꝑꝓꝕ',
    q: 'ɋʠꝗꝙꞯ',
    r: 'ɍɹɺɻɼɽɾɿʀʁᴙᴚᵲᵳᶉⱹꝛꞃꞧꭆꭉꭋꭌꭨ',
    s: 'ƨȿʂʃʆᵴᶊᶋᶘẜẝꜱꞅꞩꟊꟙ',
    t: 'ƫƭȶʇʈᴛᵵⱦꞇ',
    u: 'ʊᴜᴝᵿᶙꞹꭎꭒ',
    v: 'ʋʌᴠᶌỽⱱⱴꝟ',
    w: 'ƿʍᴡⱳ',
    x: 'ᶍꭓꭖꭗꭘꭙ',
    y: 'ƴȝɏʎʏỿꭚ',
    z: 'ƶƺȥɀʐʑʒʓᴢᵶᶎᶚⱬ',
    aa: 'ꜳ',
    ae: 'ᴁᴂ',
    ao: 'ꜵ',
    au: 'ꜷ',
    av: 'ꜹꜻ',
    ay: 'ꜽ',
    dz: 'ʣ',
    fng: 'ʩ',
    ll: 'ỻ',
    ls: 'ʪ',
    lz: 'ʫ',
    oe: 'ɶᴔꭁꭂꭢ',
    oi: 'ƣ',
    oo: 'ꝏ',
    ou: 'ȣ',
    th: 'ᵺ',
    ts: 'ʦ',
    tz: 'ꜩ',
    ue: 'ᵫ',
    um: 'ꝸ',
    uo: 'ꭣ',
    vy: 'ꝡ'
  }
}

// Letters that look like an apostrophe, which people type instead: Ukrainian м'ята, Uzbek o'zbek, Hawaiian.
const apostrophes: FoldGroup = { name: 'Apostrophes that are letters', letters: { "'": '\u02BC\u02BB\u02B9\u02BE\u02BF\u02C8\uA78C' } }

const greekAndCyrillic: FoldGroup = {
  name: 'Greek and Cyrillic',
  letters: {
    σ: 'ς',
    г: 'ґғҕӷӻ',
    ж: 'җ',
    з: 'ҙ',
    и: 'ҋ',
    к: 'қҝҟӄ',
    л: 'ӆԓԡԯ',
    м: 'ӎ',
    н: 'ңӈӊԣԩ',
    о: 'ө',
    п: 'ҧԥ',
    р: 'ҏ',
    с: 'ҫ',
    т: 'ҭꚋ',
    у: 'ұү',
    х: 'ҳӽӿ',
    ч: 'ҷҹ',
    ы: 'ꙑ',
    ѡ: 'ѽ',
    һ: 'ԧ',
    ҽ: 'ҿ'
  }
}

// Arabic, Persian, Urdu and Kurdish keyboards have different letters for yeh, kaf and heh. NFKD decomposes forms with hamza and madda.
const arabic: FoldGroup = {
  name: 'Arabic',
  letters: Object.fromEntries([
    ['\u0627', '\u0671'],
    ['\u064A', '\u0649\u06CC\u06CD\u06CE'],
    ['\u0631', '\u0695'],
    ['\u0644', '\u06B5'],
    ['\u0648', '\u06C6'],
    ['\u0643', '\u06A9\u06AA'],
    ['\u0647', '\u0629\u06C1\u06BE\u06D5\u06C3']
  ])
}

// The final forms, and the ligatures of Yiddish.
const hebrew: FoldGroup = {
  name: 'Hebrew',
  letters: Object.fromEntries([
    ['\u05DB', '\u05DA'],
    ['\u05DE', '\u05DD'],
    ['\u05E0', '\u05DF'],
    ['\u05E4', '\u05E3'],
    ['\u05E6', '\u05E5'],
    ['\u05D5\u05D5', '\u05F0'],
    ['\u05D5\u05D9', '\u05F1'],
    ['\u05D9\u05D9', '\u05F2']
  ])
}

// Chandrabindu and anusvara, which in Hindi and Gujarati stand for n before a consonant, and letters that are also written as a
// consonant with virama and joiner (Malayalam chillus, Bengali khanda ta).
const indic: FoldGroup = {
  name: 'Indic',
  letters: Object.fromEntries([
    ['\u0928\u094D', '\u0901\u0902'],
    ['\u0982', '\u0981'],
    ['\u0AA8\u0ACD', '\u0A81\u0A82'],
    ['\u09A4\u09CD', '\u09CE'],
    ['\u0D23\u0D4D', '\u0D7A'],
    ['\u0D28\u0D4D', '\u0D7B'],
    ['\u0D30\u0D4D', '\u0D7C\u0D4E'],
    ['\u0D32\u0D4D', '\u0D7D'],
    ['\u0D33\u0D4D', '\u0D7E'],
    ['\u0D15\u0D4D', '\u0D7F']
  ])
}

/** Folds the letters `from` to `to` to those `by` code points away. */
function shiftRange(from: number, to: number, by: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: to - from + 1 }, (_, index) => [String.fromCodePoint(from + index + by), String.fromCodePoint(from + index)])
  )
}

// Amharic letters of the same sound: ha, sa, a and tsa have several spellings.
const ethiopic = (): FoldGroup => {
  const letters: Record<string, string> = {}
  for (const [from, to, count] of [
    [0x1210, 0x1200, 7],
    [0x1280, 0x1200, 7],
    [0x12b8, 0x1200, 7],
    [0x1220, 0x1230, 8],
    [0x12d0, 0x12a0, 7],
    [0x1340, 0x1338, 7]
  ] as const) {
    for (let index = 0; index < count; index++) {
      const target = String.fromCodePoint(to + index)
      letters[target] = (letters[target] ?? '') + String.fromCodePoint(from + index)
    }
  }
  return { name: 'Ethiopic', letters }
}

// Katakana is folded to hiragana, because people type a word in either.
const kana = (): FoldGroup => ({ name: 'Kana', letters: { ...shiftRange(0x30a1, 0x30f6, -0x60), ...shiftRange(0x30fd, 0x30fe, -0x60) } })

const digits = (name: string, from: number, to?: number): FoldGroup => ({
  name,
  letters: Object.fromEntries(
    Array.from({ length: 10 }, (_, value) => [
      String(value),
      zeros
        .slice(from, to)
        .map(zero => String.fromCodePoint(zero + value))
        .join('')
    ])
  )
})

/** The groups in the order in which they are applied. */
export function foldGroups(): FoldGroup[] {
  return [
    latin,
    rareLatin,
    apostrophes,
    greekAndCyrillic,
    arabic,
    hebrew,
    indic,
    ethiopic(),
    kana(),
    digits('Digits in wide use', 0, commonZeros),
    digits('Other digits', commonZeros)
  ]
}

let table: { letters: ReadonlyMap<string, string>; ignored: RegExp } | undefined

function foldTable(): NonNullable<typeof table> {
  const range = (point: number) => `\\u{${point.toString(16)}}`
  return (table ??= {
    letters: new Map(
      foldGroups().flatMap(({ letters }) =>
        Object.entries(letters).flatMap(([target, sources]) => [...sources].map(source => [source, target] as const))
      )
    ),
    ignored: new RegExp(`[${ignoredMarks.map(([from, to]) => `${range(from)}-${range(to)}`).join('')}]`, 'gu')
  })
}

/** Folds one character for search, decomposed; empty if search ignores it. */
export function foldCharacter(character: string): string {
  if (character < '\u0080') return character.toLowerCase()
  const { letters, ignored } = foldTable()
  let folded = ''
  for (const letter of character.normalize('NFKD').toLowerCase().replace(ignored, '')) folded += letters.get(letter) ?? letter
  return folded
}

/** Common passwords, normalised: lower case, without leetspeak digits and surrounding characters. */
const words = new Set(
  `
password passwort passwd pass passphrase kennwort contrasena contraseña senha parola motdepasse wachtwoord haslo hasło salasana losenord lösenord heslo sifre şifre
qwerty qwertz azerty qwertyui qwertyuiop qwertzuiop azertyuiop asdfgh asdfghjk asdfghjkl zxcvbn zxcvbnm yxcvbnm qazwsx qazwsxedc qweasd qweasdzxc qwerasdf
abc abcd abcde abcdef abcdefg abcdefgh abcdefghi iloveyou iloveu loveyou lovely sunshine princess princesa football baseball basketball superman batman spiderman
pokemon starwars welcome willkommen bienvenue bienvenido benvenuto letmein letmeinnow whatever trustnoone dragon monkey master shadow michael jennifer jordan ashley
michelle jessica charlie daniel andrew hunter soccer liverpool chelsea arsenal barcelona juventus computer internet samsung iphone google facebook microsoft windows
admin administrator administrateur root toor user username guest default changeme changeit secret supersecret geheim topsecret private access login logmein
test tester testing testtest demo example sample temp temporary spring summer autumn winter january february march april june july august september october
november december monday tuesday wednesday thursday friday saturday sunday hello hallo bonjour freedom forever blessed jesus christ angel flower butterfly chocolate
purple orange banana cheese cookie ginger pepper summerfun mustang ferrari porsche harley corvette yankees cowboys steelers lakers eagles killer phoenix matrix
helpdesk support service ticket tickets customer company office business switchboard
`
    .split(/\s+/)
    .filter(Boolean)
)

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  '1234567890',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  'qazwsxedcrfvtgbyhnujm',
  '1a2b3c4d5e6f7g8h',
  'a1b2c3d4e5f6g7h8',
  'q1w2e3r4t5y6u7i8'
]

/** Leetspeak: digits and signs that stand for letters. */
const substitutes: Record<string, string> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', '$': 's', '!': 'i' }

/**
 * Whether a password is among the first guesses: a common word followed by digits, a row of keys, a few repeated characters, or
 * the person's own address. The minimum length is checked by the `password` schema.
 */
export function isWeakPassword(password: string, email?: string): boolean {
  const plain = password.normalize('NFKC').toLowerCase()
  if (/^(.{1,4}?)\1+.{0,3}$/su.test(plain) || isRow(plain)) return true
  if (/^\d+$/.test(plain) && new Set(plain).size <= 4) return true
  const own = new Set(email ? ownWords(email) : [])
  return spellings(plain).some(spelling => words.has(spelling) || own.has(spelling))
}

/** Whether it is a run along a row of keys or the alphabet, in either direction, with up to three other characters. */
function isRow(plain: string): boolean {
  const core = plain.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
  return rows.some(row => {
    const backward = [...row].reverse().join('')
    return [row, backward].some(line =>
      [0, 1, 2, 3].some(
        rest => core.length - rest >= 4 && (line.includes(core.slice(0, core.length - rest)) || line.includes(core.slice(rest)))
      )
    )
  })
}

/** Normal forms of the password: without surrounding characters, with leetspeak digits replaced, and half of a doubled word. */
function spellings(plain: string): string[] {
  const core = plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  const swap = (text: string) => [...text].map(character => substitutes[character] ?? character).join('')
  const letters = [core, swap(core), swap(plain), swap(plain.replace(/\d{0,4}[^\p{L}\p{N}]*$/u, ''))].map(text =>
    text.replace(/[^\p{L}]/gu, '')
  )
  const halves = letters.map(text => text.slice(0, text.length / 2)).filter((half, index) => half + half === letters[index])
  return [...letters, ...halves, plain.replace(/[^\p{L}\p{N}]/gu, '')]
}

function ownWords(email: string): string[] {
  const address = email.normalize('NFKC').toLowerCase()
  const [local = '', domain = ''] = address.split('@')
  const labels = domain.split('.')
  return [address, local, domain, ...labels, local + (labels[0] ?? '')]
    .map(text => text.replace(/[^\p{L}\p{N}]/gu, ''))
    .filter(text => text.length >= 3)
}

import { describe, expect, test } from 'vitest'
import { anonymise, anonymiseReply } from '#server/domain/article/anonymise'

const helen = { names: ['Helen Marsh'], addresses: ['helen.marsh@contoso.test'] }
const named = (...names: string[]) => ({ names, addresses: [] })

describe('names', () => {
  test.each([
    ['Hi Helen, please restart.', 'Hi [name], please restart.'],
    ['Helen Marsh called, and MARSH, HELEN wrote.', '[name] called, and [name] wrote.'],
    ['hi helen, it is helen’s printer', 'hi [name], it is [name]’s printer'],
    ['Helens Drucker', '[name] Drucker'],
    ['Ask Helen or Ms Marsh about it.', 'Ask [name] or Ms [name] about it.'],
    // A common word stays where it is one.
    ['The marsh is wet. Marsh plants grow there.', 'The marsh is wet. Marsh plants grow there.'],
    ['Helena and Helenium are others.', 'Helena and Helenium are others.']
  ])('of a contact are removed, but not other words: %s', (text, expected) => {
    expect(anonymise(text, helen)).toBe(expected)
  })

  test.each([
    ['Will Baker', 'Will you restart it? It will help.', 'Will you restart it? It will help.'],
    ['Will Baker', 'Hello Will, we will help.', 'Hello [name], we will help.'],
    ['Will Baker', 'Please ask Will about it.', 'Please ask [name] about it.'],
    ['Will Baker', 'Will,\nrestart it.', '[name],\nrestart it.'],
    ['Will Baker', 'Will Baker and Mr. Baker', '[name] and Mr. [name]'],
    ['Will Baker', 'It is Will’s printer.', 'It is [name]’s printer.'],
    [
      'Mark Page',
      'Click **Mark all as read**.\n\n# Page setup\n\n- Mark the page',
      'Click **Mark all as read**.\n\n# Page setup\n\n- Mark the page'
    ],
    ['Mark Page', 'Open the page and mark it.', 'Open the page and mark it.'],
    ['May Long', 'May I ask how long it takes?', 'May I ask how long it takes?'],
    ['Jo An', 'Hi Jo, an apple', 'Hi [name], an apple'],
    ['Vincent van Dyke', 'A van with Mr. van Dyke', 'A van with Mr. van [name]'],
    ['Contoso Support', 'Ask the Support team', 'Ask the [name] team'],
    ['Contoso Support', 'Support is open', 'Support is open']
  ])('that are common words are removed where a name can stand: %s, %s', (name, text, expected) => {
    expect(anonymise(text, named(name))).toBe(expected)
  })

  test.each([
    ['José Núñez', 'Hola José, or Jose Nunez', 'Hola [name], or [name]'],
    ['Jürgen Groß-Müller', 'Hallo Herr Groß-Müller, Juergen', 'Hallo Herr [name], [name]'],
    ["Sinéad O'Brien", "For O'Brien and Sinead", 'For [name] and [name]'],
    [
      'Анна Иванова',
      'Здравствуйте, Анна! Мы позвонили Анне Ивановой. Банан и Ивановское',
      'Здравствуйте, [name]! Мы позвонили [name]. Банан и Ивановское'
    ],
    ['Γιώργος Παππάς', 'Του Γιώργου Παππά', 'Του [name]'],
    ['田中太郎', '田中様、太郎さん、田中太郎です。中の人', '[name]様、[name]さん、[name]です。中の人'],
    ['王小明', '王先生,小明同学', '[name]先生,[name]同学'],
    ['김민수', '민수님, 김민수입니다', '[name]님, [name]입니다'],
    ['محمد علي', 'مرحبا محمد، ولمحمد و علي', 'مرحبا [name]، ول[name] و [name]'],
    ['דוד כהן', 'שלום דוד, לכהן', 'שלום [name], ל[name]']
  ])('in other alphabets are removed: %s', (name, text, expected) => {
    expect(anonymise(text, named(name))).toBe(expected)
  })

  test('that are known only from an address are removed, but not the words of a shared mailbox', () => {
    expect(anonymise('Hi Helen, our support', { names: [], addresses: ['helen.marsh@x.test', 'support@x.test'] })).toBe(
      'Hi [name], our support'
    )
  })

  test('that are mentioned by a token are removed', () => {
    expect(anonymise('Ask <@aaaaaaaa-0000-4000-8000-000000000001> now', named())).toBe('Ask [name] now')
  })

  test('with the signs of a pattern do no harm', () => {
    expect(anonymise('Is (a+)+$ [x] here? \\', named('(a+)+$ [x]', '', ' ', '\\', '.*', '-', '😀'))).toContain('here?')
  })

  test('do not make long texts slow', () => {
    const text = `${'Helen '.repeat(4_000)}${'+1 '.repeat(4_000)}${'a.'.repeat(6_000)}@`
    const before = performance.now()
    anonymise(text, helen)
    expect(performance.now() - before).toBeLessThan(2_000)
  })
})

test.each([
  ['Write to helen.marsh+x@mail.contoso.test.', 'Write to [address].'],
  ['[me](mailto:helen@x.test)', '[me](mailto:[address])'],
  ['müller@bücher.example', '[address]'],
  ['an @ sign and @home', 'an @ sign and @home'],
  [
    'Call +49 (0)30 1234-567 or 030/1234567, (555) 123-4567 or 555-123-4567.',
    'Call [phone number] or [phone number], [phone number] or [phone number].'
  ],
  ['On 01.02.2026, 2026-11-30 or 11/30/2026 at 10:30', 'On 01.02.2026, 2026-11-30 or 11/30/2026 at 10:30'],
  [
    'Version 10.0.19045.3693, IP 192.168.0.1, error 0x80070005, $1,234,567',
    'Version 10.0.19045.3693, IP 192.168.0.1, error 0x80070005, $1,234,567'
  ],
  ['https://shop.test/orders/12345/items?token=abc#top', 'https://shop.test/orders/:id/items#top'],
  ['https://u:p@shop.test/u/helen-marsh.', 'https://shop.test/u/:id.'],
  ['https://x.test/a/0d3f1c9e-1111-4111-8111-111111111111', 'https://x.test/a/:id'],
  ['[guide](https://x.test/docs/install#step-2) and https://x.test', '[guide](https://x.test/docs/install#step-2) and https://x.test'],
  ['https://x.test/%E0%A4%A', 'https://x.test/:id']
])('addresses, phone numbers and ids in links are removed: %s', (text, expected) => {
  expect(anonymise(text, helen)).toBe(expected)
})

test.each([
  ['Hi Helen,\n\nRestart it.\n\nBest regards,\nBob Tanaka\nContoso', 'Restart it.'],
  ['Hallo Frau Marsh,\nbitte neu starten.\nMit freundlichen Grüßen\nBob', 'bitte neu starten.'],
  ['Restart it.\n\n> Hi Bob\n> it is broken', 'Restart it.'],
  ['Best of all: restart it.', 'Best of all: restart it.'],
  [
    'Hello again. The printer needs power.\n\nThanks to the cable it has some.',
    'Hello again. The printer needs power.\n\nThanks to the cable it has some.'
  ]
])('a reply loses its greeting, closing and quoted text: %s', (text, expected) => {
  expect(anonymiseReply(text, { names: [...helen.names, 'Bob Tanaka'], addresses: [] })).toBe(expected)
})

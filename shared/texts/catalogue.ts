import { compile, createCoreContext, registerMessageCompiler, translate } from '@intlify/core-base'
import type { Locale } from './locale'

registerMessageCompiler(compile)

/** The names of the parameters of a message: `'name'` for "Hello {name}". */
type Parameter<Message extends string> = Message extends `${string}{${infer Name}}${infer Rest}` ? Name | Parameter<Rest> : never

type Arguments<Message extends string> = [Parameter<Message>] extends [never] ? [] : [Record<Parameter<Message>, string | number>]

/** Returns the sentence of a key. A message with a plural, "1 reply | {count} replies", chooses by the parameter `count`. */
export type Translate<Messages extends Record<string, string>> = <Key extends keyof Messages & string>(
  key: Key,
  ...parameters: Arguments<Messages[Key]>
) => string

/** Messages of one subject in every locale. Each has the keys of English; tests compare the parameters. */
export type Catalogue<English extends Record<string, string>> = Record<Locale, Record<keyof English, string>>

const contexts = new WeakMap<object, ReturnType<typeof createContext>>()

/** The texts of a catalogue in a locale: English for null. Parameters are inserted as they are, without escaping. */
export function textsOf<English extends Record<string, string>>(catalogue: Catalogue<English>, locale: Locale | null): Translate<English> {
  const messages = catalogue[locale ?? 'en']
  let context = contexts.get(messages)
  if (!context) contexts.set(messages, (context = createContext(locale ?? 'en', messages)))
  return (key, ...[parameters]) => {
    const named: Record<string, string | number> = parameters ?? {}
    return String(typeof named.count === 'number' ? translate(context, key, named, named.count) : translate(context, key, named))
  }
}

function createContext(locale: string, messages: Record<string, string>) {
  return createCoreContext({
    locale,
    fallbackLocale: false,
    messages: { [locale]: messages },
    missingWarn: false,
    fallbackWarn: false,
    missing: (_context, _locale, key) => {
      throw new Error(`The text ${key} is missing in ${locale}`)
    }
  })
}

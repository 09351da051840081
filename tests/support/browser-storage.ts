/** A `localStorage` whose keys are own properties, as in browsers. `quota` is in characters of values. */
export function createStorage(quota = Infinity): Storage {
  const entries = new Map<string, string>()
  const methods = {
    get length() {
      return entries.size
    },
    key: (index: number) => [...entries.keys()][index] ?? null,
    getItem: (key: string) => entries.get(key) ?? null,
    setItem(key: string, value: string) {
      const others = [...entries].reduce((size, [name, text]) => (name === key ? size : size + text.length), 0)
      if (others + value.length > quota) throw new DOMException('The quota has been exceeded', 'QuotaExceededError')
      entries.set(key, value)
    },
    removeItem: (key: string) => void entries.delete(key),
    clear: () => entries.clear()
  }
  return new Proxy(methods as Storage, {
    get: (target, key) => Reflect.get(target, key) ?? entries.get(String(key)),
    ownKeys: () => [...entries.keys()],
    getOwnPropertyDescriptor: (_, key) =>
      entries.has(String(key)) ? { enumerable: true, configurable: true, value: entries.get(String(key)) } : undefined
  })
}

import { product } from './own-product.ts'

export interface FormPage {
  status: number
  html: string
  /** Without the site's address. */
  location: string | null
  headers: Headers
}

/** A browser without scripts: it keeps cookies, follows no redirect by itself, and sends forms. */
export class FormBrowser {
  readonly cookies = new Map<string, string>()
  readonly #language: string
  readonly #baseUrl: string

  constructor({ language = 'en', baseUrl = product().baseUrl } = {}) {
    this.#baseUrl = baseUrl
    this.#language = language
  }

  get(path: string, headers: Record<string, string> = {}): Promise<FormPage> {
    return this.#send(path, { headers })
  }

  put(path: string): Promise<FormPage> {
    return this.#send(path, { method: 'PUT', headers: {} })
  }

  /** Sends a form as the same site does; as FormData it can hold files. */
  post(path: string, fields: Record<string, string> | FormData, headers: Record<string, string> = {}): Promise<FormPage> {
    const origin = this.#baseUrl
    return this.#send(path, {
      method: 'POST',
      body: fields instanceof FormData ? fields : new URLSearchParams(fields),
      headers: { origin, ...headers }
    })
  }

  async #send(path: string, { headers, ...init }: RequestInit & { headers: Record<string, string> }): Promise<FormPage> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(`${this.#baseUrl}${path}`, {
      ...init,
      redirect: 'manual',
      headers: { 'accept-language': this.#language, ...(cookie ? { cookie } : {}), ...headers }
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (value === '' || /max-age=0/i.test(line)) this.cookies.delete(name!)
      else this.cookies.set(name!, value!)
    }
    return { status: response.status, html: await response.text(), location: response.headers.get('location'), headers: response.headers }
  }
}

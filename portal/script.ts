// The script of the portal. Every page works without it. It shows a reply at once, looks for news while a ticket is visible, and writes
// times in the zone of the browser. It takes all markup from pages that the server rendered, so it knows no sentence and no layout.

const pollMs = 20_000
const ticket = document.querySelector<HTMLElement>('[data-portal-ticket]')

writeLocalTimes(document)
document.addEventListener('change', event => checkFiles(event.target as HTMLInputElement))
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-portal-form]')) sendOnce(form)
if (ticket) keepCurrent(ticket)
const suggestions = document.querySelector<HTMLElement>('[data-suggestions]')
if (suggestions) suggestWhileTyping(suggestions)
const helpSearch = document.querySelector<HTMLFormElement>('form[data-help-search]')
if (helpSearch) searchWhileTyping(helpSearch)

/** A second click sends nothing. After "Back", browsers may show the page as it was. */
function sendOnce(form: HTMLFormElement): void {
  let isSent = false
  form.addEventListener('submit', event => {
    if (isSent) return event.preventDefault()
    isSent = true
    if (filesOf(form).length === 0) return
    event.preventDefault()
    void sendShowingProgress(form, event.submitter).finally(() => (isSent = false))
  })
  addEventListener('pageshow', () => (isSent = false))
}

/** Shows what the search of the help centre finds while somebody types. The results are those of the page that the form would open. */
function searchWhileTyping(form: HTMLFormElement): void {
  const field = form.elements.namedItem('q') as HTMLInputElement
  const before = document.querySelector('[data-help-results]')
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = 0
  field.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(() => void find().catch(() => undefined), 250) // offline: the button still works
  })

  async function find(): Promise<void> {
    const request = ++latest
    if (field.value.trim() === '') return void document.querySelector('[data-help-results]')?.replaceWith(before!)
    const query = new URLSearchParams(new FormData(form) as unknown as Record<string, string>)
    const page = await parse(await fetch(`${form.action}?${query}`))
    const results = page.querySelector('[data-help-results]')
    if (request === latest && results) document.querySelector('[data-help-results]')?.replaceWith(document.importNode(results, true))
  }
}

/**
 * Shows articles that may answer a new request while somebody writes it. It asks when they have written three words, and pause. Their markup is
 * a model in the page. What the form then sends says which articles were shown.
 */
function suggestWhileTyping(section: HTMLElement): void {
  const form = section.closest('form')!
  const answered = document.querySelector<HTMLFormElement>('form#answered')!
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = 0
  // A refused form is shown with new fields.
  form.addEventListener('input', event => {
    if (!['subject', 'description'].includes((event.target as HTMLInputElement).name)) return
    clearTimeout(timer)
    timer = setTimeout(() => void suggest().catch(() => undefined), 250) // offline: the form still works
  })

  async function suggest(): Promise<void> {
    const text = ['subject', 'description']
      .map(name => (form.elements.namedItem(name) as HTMLInputElement).value.trim())
      .join(' ')
      .trim()
      .slice(0, 400)
    const request = ++latest
    if (text.split(/\s+/).length < 3) return show([])
    const query = new URLSearchParams({ q: text, lang: document.documentElement.lang })
    const response = await fetch(`${section.dataset.suggestions}?${query}`)
    if (!response.ok || request !== latest) return // what was found before stays
    show((await response.json()) as Suggestion[])
    valueOf(answered, 'question').value = text
  }

  function show(found: Suggestion[]): void {
    const shown = form.querySelector<HTMLElement>('[data-suggestions]')!
    const list = shown.querySelector('ul')!
    const model = shown.querySelector<HTMLTemplateElement>('template')!
    list.replaceChildren(...found.map(article => fill(model, article)))
    shown.hidden = found.length === 0
    const { one = '', many = '' } = shown.dataset
    const text = found.length === 0 ? '' : found.length === 1 ? one : many.replace('{count}', `${found.length}`)
    const status = form.querySelector('[data-suggestions-status]')!
    if (status.textContent !== text) status.textContent = text
    // An article that was shown counts, also when others have replaced it.
    if (found.length === 0) return
    valueOf(form, 'suggested').value = found.map(({ slug }) => slug).join(' ')
    const name = valueOf(form, 'form')
    name.value ||= newId()
    valueOf(answered, 'form').value = name.value
  }

  function fill(model: HTMLTemplateElement, { slug, title, locale, href, sentence }: Suggestion): Node {
    const item = document.importNode(model.content, true)
    const link = item.querySelector('a')!
    link.href = href
    link.prepend(title)
    item.querySelector('li')!.lang = locale
    item.querySelector('p')!.replaceChildren(...sentence.map(({ text, marked }) => (marked ? mark(text) : text)))
    const button = item.querySelector('button')!
    button.value = slug
    return item
  }

  function mark(text: string): HTMLElement {
    const marked = document.createElement('mark')
    marked.className = section.dataset.mark ?? ''
    marked.textContent = text
    return marked
  }
}

/** A random UUID. `crypto.randomUUID` is missing on pages without TLS. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const digits = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function valueOf(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement
}

interface Suggestion {
  slug: string
  title: string
  locale: string
  href: string
  sentence: { text: string; marked: boolean }[]
}

function filesOf(form: HTMLFormElement): File[] {
  return [...((form.elements.namedItem('file') as HTMLInputElement | null)?.files ?? [])]
}

/** Refuses too many or too large files before they are sent. */
function checkFiles(input: HTMLInputElement): void {
  const { maxFiles, maxBytes, tooMany, tooLarge } = input.dataset
  if (!input.files || !maxFiles) return
  const isTooLarge = [...input.files].some(file => file.size > Number(maxBytes))
  input.setCustomValidity((input.files.length > Number(maxFiles) ? tooMany : isTooLarge ? tooLarge : '') ?? '')
  input.reportValidity()
}

interface Answer {
  ok: boolean
  status: number
  url: string
  page: Document
}

/** Sends a form and follows its redirect. `onProgress` is called while files are sent. Rejects when no answer arrives. */
function send(form: HTMLFormElement, submitter: HTMLElement | null, onProgress: (text: string) => void): Promise<Answer> {
  const fields = new FormData(form, submitter)
  const words = (form.elements.namedItem('file') as HTMLInputElement | null)?.dataset.progress
  const hasFiles = filesOf(form).length > 0
  if (!hasFiles) fields.delete('file')
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', form.action)
    request.responseType = 'document'
    // Offline, or an answer that is no page.
    request.onerror = () => reject(new TypeError('No answer'))
    request.onload = () => {
      const { status, responseURL: url, responseXML: page } = request
      if (page) resolve({ ok: status < 400, status, url, page })
      else reject(new TypeError(`${status}`))
    }
    if (hasFiles && words)
      request.upload.onprogress = ({ loaded, total }) => onProgress(words.replace('{percent}', `${Math.floor((loaded / total) * 100)}`))
    request.send(hasFiles ? fields : new URLSearchParams(fields as unknown as Record<string, string>))
  })
}

/** Text and files stay in the form when it is refused, and when the network fails. */
async function sendShowingProgress(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const state = form.querySelector<HTMLElement>('[data-state]') ?? form.appendChild(document.createElement('p'))
  state.dataset.state = ''
  state.className = 'text-sm text-muted'
  state.setAttribute('role', 'status')
  try {
    const { ok, status, url, page } = await send(form, submitter, text => (state.textContent = text))
    if (ok) return location.assign(url)
    const next = page.querySelector<HTMLFormElement>('form[data-portal-form]')
    if (!next) return showProblem(page, status)
    const shown = document.importNode(next, true)
    keepFiles(form, shown)
    form.replaceChildren(...shown.childNodes)
    form.querySelector<HTMLElement>('[role=alert], [aria-invalid]')?.scrollIntoView({ block: 'center' })
  } catch {
    state.textContent = form.dataset.notSent ?? ''
  }
}

/** Shows a page that says what went wrong, and keeps the text. Throws for an answer that is no page of the portal. */
function showProblem(page: Document, status: number): void {
  const main = page.querySelector<HTMLElement>('#main')
  if (!main) throw new Error(`${status}`)
  document.title = page.title
  const shown = document.importNode(main, true)
  document.querySelector('#main')?.replaceWith(shown)
  shown.tabIndex = -1
  shown.style.outline = 'none'
  shown.focus()
}

/** Puts the chosen files of one form into the next, unless they are what was refused. */
function keepFiles(before: ParentNode, after: ParentNode): void {
  const chosen = before.querySelector<HTMLInputElement>('[name=file]')
  const empty = after.querySelector<HTMLInputElement>('[name=file]')
  if (!chosen?.files?.length || !empty || empty.getAttribute('aria-invalid')) return
  empty.replaceWith(chosen)
  after.querySelector('#file-again')?.remove()
}

function keepCurrent(root: HTMLElement): void {
  let etag = root.dataset.etag ?? ''
  let isSending = false
  let isLooking = false
  const announcer = root.appendChild(document.createElement('p'))
  announcer.className = 'sr-only'
  announcer.setAttribute('role', 'status')

  root.addEventListener('submit', event => {
    const form = event.target as HTMLFormElement
    if (!form.hasAttribute('data-portal-reply')) return
    event.preventDefault()
    void sendReply(form, event.submitter)
  })
  document.addEventListener('visibilitychange', () => void lookForNews())
  setInterval(() => void lookForNews(), pollMs)

  async function sendReply(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
    const field = form.elements.namedItem('content') as HTMLTextAreaElement
    const text = field.value
    if (isSending || text.trim() === '') return
    isSending = true
    const message = showMessage(text)
    const sending = send(form, submitter, progress => addState(message, progress))
    field.value = ''
    announcer.textContent = root.dataset.sending ?? ''
    try {
      const { ok, status, url, page } = await sending
      // Another ticket, for a follow-up, or the sign-in page.
      if (new URL(url).pathname !== new URL(form.action).pathname) return location.assign(url)
      if (!ok) {
        message?.remove()
        if (!page.querySelector('[data-portal-ticket]')) return showProblem(page, status)
        addStyles(page)
        show(page, 'actions', true) // it holds the text and says why it was refused
        root.querySelector<HTMLElement>('[name=content]')?.focus()
        announcer.textContent = root.dataset.notSent ?? ''
        return
      }
      showAll(page, false)
      addState(section('conversation')?.querySelector<HTMLElement>('article:last-child'), root.dataset.sent)
      announcer.textContent = root.dataset.sent ?? ''
    } catch {
      // Offline, or an answer that is no page of the portal.
      field.value = text
      addState(message, root.dataset.notSent)
      announcer.textContent = root.dataset.notSent ?? ''
      field.addEventListener('input', () => message?.remove(), { once: true })
    } finally {
      isSending = false
    }
  }

  /** Shows the message before the server has it. The markup is that of the first message, which is always there. */
  function showMessage(text: string): HTMLElement | undefined {
    const conversation = section('conversation')
    const model = conversation?.querySelector<HTMLElement>('article')
    if (!conversation || !model) return
    const message = document.createElement('article')
    message.className = model.className
    const body = message.appendChild(document.createElement('p'))
    body.className = 'whitespace-pre-wrap wrap-anywhere text-default'
    body.dir = 'auto'
    body.textContent = text
    conversation.append(message)
    addState(message, root.dataset.sending)
    return message
  }

  function addState(message: HTMLElement | null | undefined, text = ''): void {
    const known = message?.querySelector<HTMLElement>('[data-state]')
    const state = known ?? message?.appendChild(document.createElement('p'))
    if (!state) return
    state.dataset.state = ''
    state.className = 'text-sm text-muted'
    state.textContent = text
  }

  async function lookForNews(): Promise<void> {
    if (isSending || isLooking || document.visibilityState !== 'visible') return
    isLooking = true
    try {
      const response = await fetch(location.pathname, { headers: { 'if-none-match': etag }, cache: 'no-store' })
      if (response.status !== 200) return
      // The session has ended. What is typed stays: when it is sent, the answer says so and keeps it.
      if (response.redirected) return holdsInput() ? undefined : location.reload()
      const page = await parse(response)
      if (isSending) return // the answer to that is newer
      if (!page.querySelector('[data-portal-ticket]')) return
      showAll(page, true)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error // TypeError: offline; the next look may succeed
    } finally {
      isLooking = false
    }
  }

  function holdsInput(): boolean {
    const fields = root.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('textarea, input:not([type=hidden])')
    return isSending || [...fields].some(field => field.value !== field.defaultValue)
  }

  /** Shows the conversation and status of `page`. What is typed stays. */
  function showAll(page: Document, isNews: boolean): void {
    const typed = root.querySelector<HTMLTextAreaElement>('[name=content]')?.value ?? ''
    const hadFocus = document.activeElement?.getAttribute('name') === 'content'
    const next = page.querySelector<HTMLElement>('[data-portal-ticket]')
    const hasChanged = next?.dataset.etag !== etag
    etag = next?.dataset.etag ?? ''
    addStyles(page)
    show(page, 'status')
    show(page, 'conversation')
    show(page, 'copies')
    const hasNewActions = next?.dataset.status !== root.dataset.status
    if (!isNews || hasNewActions) show(page, 'actions', isNews)
    root.dataset.status = next?.dataset.status
    const field = root.querySelector<HTMLTextAreaElement>('[name=content]')
    if (field && typed) field.value = typed
    if (field && hadFocus) field.focus()
    if (isNews && hasChanged) announcer.textContent = root.dataset.news ?? ''
  }

  // Each page has the styles of its own icons.
  function addStyles(page: Document): void {
    const known = new Set(Array.from(document.querySelectorAll('style'), style => style.textContent))
    for (const style of page.querySelectorAll('style'))
      if (!known.has(style.textContent)) document.head.append(document.importNode(style, true))
  }

  function show(page: Document, name: string, keepsFiles = false): void {
    const next = page.querySelector<HTMLElement>(`[data-portal-live=${name}]`)
    if (!next) return
    const imported = document.importNode(next, true)
    writeLocalTimes(imported)
    if (keepsFiles) keepFiles(root, imported)
    section(name)?.replaceWith(imported)
  }

  function section(name: string): HTMLElement | null {
    return root.querySelector<HTMLElement>(`[data-portal-live=${name}]`)
  }
}

async function parse(response: Response): Promise<Document> {
  return new DOMParser().parseFromString(await response.text(), 'text/html')
}

// Only where the zone of the client is not known: then the server has written UTC.
function writeLocalTimes(within: Document | HTMLElement): void {
  if (!document.querySelector('[data-portal-utc]')) return
  const format = new Intl.DateTimeFormat(document.documentElement.lang, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit'
  })
  for (const time of within.querySelectorAll<HTMLTimeElement>('time[datetime]')) time.textContent = format.format(new Date(time.dateTime))
}
